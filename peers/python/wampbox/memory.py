"""The replay memory (FORMAT.md, 10): windows for our dialect, tokens for retained events and the foreign.
A window is checked, and noted once everything else has passed too; tokens come last, in one step."""
from collections import OrderedDict
from dataclasses import dataclass

from .cbor import require

WINDOW, SENDERS, TOKENS = 8192, 100_000, 32768


@dataclass
class Window:
    floor: int  # what has no greater time is refused
    top: int = 0
    seen: int = 0  # bit i is the counter top - i
    newest: int = 0


class Memory:
    """A window for each place (a scope and a key) and sender; floors for those that it had to forget."""

    def __init__(self, age):
        self.age = age  # max age and skew together
        self.windows, self.floors = OrderedDict(), {}

    def check(self, place, sender, n, ts):
        window = self.windows.get((place, sender)) or Window(self.floors.get(place, -1))
        require(ts > window.floor, "Stale", "before what was forgotten")
        behind = window.top - n
        require(behind < 0 or behind < WINDOW and not window.seen >> behind & 1, "Replayed")

    def note(self, place, sender, n, ts, now):
        if (place, sender) not in self.windows:
            self.forget(now)
        window = self.windows.setdefault((place, sender), Window(self.floors.get(place, -1)))
        self.windows.move_to_end((place, sender))
        if n > window.top:
            window.seen = window.seen << min(n - window.top, WINDOW) & (1 << WINDOW) - 1
            window.top = n
        if window.top - n < WINDOW:
            window.seen |= 1 << window.top - n
        window.newest = max(window.newest, ts)

    def forget(self, now):
        """Makes room for a sender."""
        while self.windows:
            (place, sender), window = next(iter(self.windows.items()))
            if len(self.windows) < SENDERS and window.newest >= now - self.age:
                return
            del self.windows[place, sender]
            self.floors[place] = max(self.floors.get(place, -1), window.newest)


class Tokens:
    """Tokens, of which the oldest go first. What comes late and isn't newer than these is refused."""

    def __init__(self):
        self.known, self.floor = OrderedDict(), -1

    def note_new(self, token, ts=-1, late=False):
        require(token not in self.known, "Replayed")
        require(not late or ts > self.floor, "Stale", "before what was forgotten")
        self.known[token] = ts
        if len(self.known) > TOKENS:
            self.floor = max(self.floor, self.known.popitem(last=False)[1])
