"""The ring: which key a URI has (FORMAT.md, 2.2)."""
from dataclasses import dataclass, field

from .keys import Key
from .values import Fault


@dataclass
class Version:
    key: Key
    active: int = 0
    expires: int | None = None
    revoked: bool = False

    def opens(self, now):
        return not self.revoked and (self.expires is None or now <= self.expires)


@dataclass
class Entry:
    """What a pattern has: versions, or none if it is plain; and the end of its transition, if it is in one."""
    versions: list = field(default_factory=list)
    until: int = 0
    send_plain: bool = False

    def sealing(self, now):
        active = [v for v in self.versions if v.active <= now]
        version = max(active, key=lambda v: v.active, default=None)
        if version is None or not version.opens(now):
            raise Fault("NoKey", "no version of the key seals now")
        return version


def matches(match, pattern, uri):
    if match == "wildcard":
        ours, theirs = pattern.split("."), uri.split(".")
        return len(ours) == len(theirs) and all(a in ("", b) for a, b in zip(ours, theirs))
    return uri.startswith(pattern) if match == "prefix" else uri == pattern


def rank(match, pattern):
    """Greater is more specific."""
    if match == "exact":
        return 3, 0
    if match == "prefix":
        return (2, len(pattern)) if pattern else (0, 0)
    return 1, sum(c != "" for c in pattern.split("."))


class Ring:
    def __init__(self):
        self.entries = {}

    def set(self, pattern, match="exact", *keys, until=0, send_plain=False):
        """Keys of a pattern, or none to make it plain. A key may be a Version, which has dates."""
        for other in self.entries:
            if other != (match, pattern) and match == other[0] == "wildcard" and self._tie(pattern, other[1]):
                raise ValueError(f"{pattern!r} and {other[1]!r} tie for some URIs")
        versions = [k if isinstance(k, Version) else Version(k) for k in keys]
        self.entries[match, pattern] = Entry(versions, until, send_plain)

    @staticmethod
    def _tie(one, other):
        a, b = one.split("."), other.split(".")
        both = zip(a, b)
        return len(a) == len(b) and rank("wildcard", one) == rank("wildcard", other) and \
            all("" in pair or pair[0] == pair[1] for pair in both)

    def find(self, uri):
        """keyed, plain or closed; and what the most specific pattern has."""
        if not uri or uri.startswith("wampbox.error"):
            return "closed", Entry()
        fitting = [p for p in self.entries if matches(*p, uri)]
        if uri.startswith("wamp."):
            fitting = [p for p in fitting if p[1].startswith("wamp.")]
            if not any(self.entries[p].versions for p in fitting):
                return "plain", Entry()
        if not fitting:
            return "closed", Entry()
        entry = self.entries[max(fitting, key=lambda p: rank(*p))]
        return "keyed" if entry.versions else "plain", entry
