"""The replay memory (FORMAT.md, 10): windows for our dialect, tokens for retained events and the foreign.
Check refuses; note comes once everything else has passed too."""
from collections import OrderedDict

from .cbor import require

WINDOW, SENDERS, TOKENS = 8192, 100_000, 32768


class Window:
    def __init__(self, floor):
        self.top = self.seen = 0  # bit i of seen is the counter top - i
        self.newest, self.floor = 0, floor

    def note(self, n, ts):
        if n > self.top:
            self.seen = self.seen << min(n - self.top, WINDOW) & (1 << WINDOW) - 1
            self.top = n
        if self.top - n < WINDOW:
            self.seen |= 1 << self.top - n
        self.newest = max(self.newest, ts)


class Memory:
    """A window for each place (a scope and a key) and sender; floors for those that it had to forget."""

    def __init__(self, age):
        self.age = age  # max age and skew together
        self.windows, self.floors = OrderedDict(), {}

    def check(self, place, sender, n, ts):
        window = self.windows.get((place, sender))
        floor = window.floor if window else self.floors.get(place, -1)
        require(ts > floor, "Stale", "before what was forgotten")
        behind = window.top - n if window else -1
        require(behind < WINDOW and not (behind >= 0 and window.seen >> behind & 1), "Replayed")

    def note(self, place, sender, n, ts, now):
        if (place, sender) not in self.windows:
            self.forget(now)
            self.windows[place, sender] = Window(self.floors.get(place, -1))
        self.windows[place, sender].note(n, ts)
        self.windows.move_to_end((place, sender))

    def forget(self, now):
        """Makes room for a sender."""
        while self.windows:
            (place, sender), window = next(iter(self.windows.items()))
            if len(self.windows) < SENDERS and window.newest >= now - self.age:
                return
            del self.windows[place, sender]
            self.floors[place] = max(self.floors.get(place, -1), window.newest)


class Tokens:
    """Tokens, of which the oldest go first. With a time, what is older than one that went is refused."""

    def __init__(self):
        self.known, self.floor = OrderedDict(), -1

    def check(self, token, ts=None):
        require(token not in self.known, "Replayed")
        require(ts is None or ts > self.floor, "Stale", "before what was forgotten")

    def note(self, token, ts=-1):
        self.known[token] = ts
        if len(self.known) > TOKENS:
            self.floor = max(self.floor, self.known.popitem(last=False)[1])
