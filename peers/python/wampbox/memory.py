"""The replay memory (FORMAT.md, 10): windows for our dialect, tokens for retained events and for the foreign ones."""
from collections import OrderedDict

from .values import Fault

WINDOW, SENDERS, TOKENS = 8192, 100_000, 32768


class Window:
    def __init__(self, floor):
        self.top = self.seen = 0  # bit i of seen is the counter top - i
        self.newest, self.floor = 0, floor

    def knows(self, n):
        return n <= self.top - WINDOW or n <= self.top and bool(self.seen >> self.top - n & 1)

    def note(self, n, ts):
        if n > self.top:
            self.seen = (self.seen << min(n - self.top, WINDOW) | 1) & (1 << WINDOW) - 1
            self.top = n
        elif n > self.top - WINDOW:
            self.seen |= 1 << self.top - n
        self.newest = max(self.newest, ts)


class Memory:
    """Each check comes in two: first one that refuses, then note, once everything else has passed."""

    def __init__(self, age):
        self.age = age  # max age and skew together
        self.windows, self.floors = OrderedDict(), {}

    def check(self, scope, secret, sender, n, ts):
        window = self.windows.get((scope, secret, sender))
        if ts <= (window.floor if window else self.floors.get((scope, secret), -1)):
            raise Fault("Stale", "from before what was forgotten")
        if window and window.knows(n):
            raise Fault("Replayed")

    def note(self, scope, secret, sender, n, ts, now):
        place = scope, secret, sender
        if place not in self.windows:
            self.forget(now)
            self.windows[place] = Window(self.floors.get((scope, secret), -1))
        self.windows[place].note(n, ts)
        self.windows.move_to_end(place)

    def forget(self, now):
        while self.windows:
            (scope, secret, sender), window = next(iter(self.windows.items()))
            if len(self.windows) < SENDERS and window.newest >= now - self.age:
                return
            self.windows.popitem(last=False)
            self.floors[scope, secret] = max(self.floors.get((scope, secret), -1), window.newest)


class Tokens:
    """Tokens by scope, of which the oldest go first. With a floor, what is older than one that went is refused."""

    def __init__(self):
        self.known, self.floor = OrderedDict(), -1

    def check(self, scope, token, ts=None):
        if (scope, token) in self.known:
            raise Fault("Replayed")
        if ts is not None and ts <= self.floor:
            raise Fault("Stale", "from before what was forgotten")

    def note(self, scope, token, ts=None):
        self.known[scope, token] = ts
        if len(self.known) > TOKENS:
            _, gone = self.known.popitem(last=False)
            self.floor = max(self.floor, gone or -1)
