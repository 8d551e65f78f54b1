"""The replay memory (FORMAT.md, 10): windows for our dialect, tokens for retained events and the foreign.
A window is checked, and noted once everything else has passed too; tokens come last, in one step."""
from collections import OrderedDict

from .cbor import require

WINDOW, SENDERS, TOKENS = 8192, 100_000, 32768


class Memory:
    """A window for each place (a scope and a key) and sender; floors for those that it had to forget.
    A window is a floor, no greater time than which is taken; the top; what was seen, of which bit i is
    the counter top - i; and the newest time."""

    def __init__(self, age):
        self.age = age  # max age and skew together
        self.windows, self.floors = OrderedDict(), {}

    def window(self, place, sender):
        return self.windows.get((place, sender)) or (self.floors.get(place, -1), 0, 0, 0)

    def check(self, place, sender, n, ts):
        floor, top, seen, _ = self.window(place, sender)
        require(ts > floor, "Stale", "before what was forgotten")
        require(n > top or top - n < WINDOW and not seen >> top - n & 1, "Replayed")

    def note(self, place, sender, n, ts, now):
        if (place, sender) not in self.windows:
            self.forget(now)
        floor, old, seen, newest = self.window(place, sender)
        top = max(old, n)
        seen = seen << min(top - old, WINDOW) | 1 << min(top - n, WINDOW)
        self.windows[place, sender] = floor, top, seen & (1 << WINDOW) - 1, max(newest, ts)
        self.windows.move_to_end((place, sender))

    def forget(self, now):
        """Makes room for a sender."""
        while self.windows:
            (place, sender), (*_, newest) = next(iter(self.windows.items()))
            if len(self.windows) < SENDERS and newest >= now - self.age:
                return
            del self.windows[place, sender]
            self.floors[place] = max(self.floors.get(place, -1), newest)


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
