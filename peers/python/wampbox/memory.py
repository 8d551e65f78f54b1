"""The replay memory (FORMAT.md, 10): windows for our dialect, tokens for retained events and the foreign.
A window is checked, and noted once everything else has passed too; tokens come last, in one step."""
from collections import Counter, OrderedDict

from .cbor import require

WINDOW, SENDERS, TOKENS = 8192, 100_000, 32768
SIGNER_SENDERS, SIGNED_TOKENS = 256, 131_072


class Memory:
    """A window for each place (a scope and a key) and sender; floors for those that it had to forget.
    A window is a floor, no greater time than which is taken; the top; what was seen, of which bit i is
    the counter top - i; and the newest time."""

    def __init__(self, age, room=SENDERS):
        self.age, self.room = age, room  # max age and skew together; for how many senders there is room
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
            if len(self.windows) < self.room and newest >= now - self.age:
                return
            self.drop(place, sender, newest)

    def drop(self, place, sender, newest):
        del self.windows[place, sender]
        self.floors[place] = max(self.floors.get(place, -1), newest)


class SignedMemory:
    """A memory for each place, which is a scope, a key and a signer here. None can fill another's."""

    def __init__(self, age):
        self.age, self.memories = age, {}

    def check(self, place, sender, n, ts):
        self.memories.get(place, Memory(self.age)).check(place, sender, n, ts)

    def note(self, place, sender, n, ts, now):
        self.memories.setdefault(place, Memory(self.age, SIGNER_SENDERS)).note(place, sender, n, ts, now)
        self.give_way(now)

    def give_way(self, now):
        """The signer that takes most forgets, if all take more than there is room for. Floors that are old enough
        do nothing any more."""
        held = Counter()
        for (*_, signer), memory in self.memories.items():
            held[signer] += len(memory.windows)
        if held.total() > SENDERS:
            most = held.most_common(1)[0][0]
            memory = max((m for p, m in self.memories.items() if p[-1] == most), key=lambda m: len(m.windows))
            (place, sender), (*_, newest) = next(iter(memory.windows.items()))
            memory.drop(place, sender, newest)
        if len(self.memories) > SENDERS:
            self.memories = {p: m for p, m in self.memories.items()
                             if m.windows or max(m.floors.values()) >= now - self.age}


class Tokens:
    """Tokens, of which the oldest go first. What comes late and isn't newer than these is refused."""

    def __init__(self):
        self.known, self.floor = OrderedDict(), -1

    def note_new(self, token, ts=-1, late=False):
        require(token not in self.known, "Replayed")
        require(not late or ts > self.floor, "Stale", "before what was forgotten")
        self.known[token] = ts
        if len(self.known) > TOKENS:
            self.drop()

    def drop(self):
        self.floor = max(self.floor, self.known.popitem(last=False)[1])


class Retained:
    """The tokens of a subscription's retained events; of signed ones their signer, sender and number instead,
    which are kept apart by signer."""

    def __init__(self):
        self.unsigned, self.signed = Tokens(), {}

    def note_new(self, signer, token, sender, n, ts, late):
        if signer is None:
            return self.unsigned.note_new(token, ts, late)
        self.signed.setdefault(signer, Tokens()).note_new((sender, n), ts, late)
        if sum(len(tokens.known) for tokens in self.signed.values()) > SIGNED_TOKENS:
            max(self.signed.values(), key=lambda tokens: len(tokens.known)).drop()
