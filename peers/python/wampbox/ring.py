"""The ring: which key a URI has (FORMAT.md, 2.2)."""
from dataclasses import dataclass, field

from .keys import Key


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
    """What a pattern has: versions, or none if it is plain; when its transition ends, if it is in one; and until
    when versions without signatures open beside those that have them."""
    versions: list = field(default_factory=list)
    until: int = 0
    send_plain: bool = False
    allow_unsigned: int = 0

    def opens(self, version, now):
        signed = any(v.key.signed and not v.revoked for v in self.versions)
        return version.opens(now) and (version.key.signed or not signed or now < self.allow_unsigned)

    def sealing(self, now):
        """The version with the latest date that has come, if any, whether or not it may seal."""
        return max((v for v in self.versions if v.active <= now), key=lambda v: v.active, default=None)


def matches(match, pattern, uri):
    if match == "wildcard":
        ours, theirs = pattern.split("."), uri.split(".")
        return len(ours) == len(theirs) and all(a in ("", b) for a, b in zip(ours, theirs))
    return uri.startswith(pattern) if match == "prefix" else uri == pattern


def fixed_text(match, pattern):
    """What every URI that matches begins with."""
    components = pattern.split(".")
    if match != "wildcard" or "" not in components:
        return pattern
    return "".join(c + "." for c in components[:components.index("")])


def rank(match, pattern):
    """Greater is more specific."""
    if match == "wildcard":
        return 1, sum(c != "" for c in pattern.split("."))
    return 3 if match == "exact" else 2 if pattern else 0, len(pattern)


def tie(one, other):
    """Whether two wildcards match the same URI and are as specific as each other."""
    a, b = one.split("."), other.split(".")
    fit = len(a) == len(b) and all(x == y or "" in (x, y) for x, y in zip(a, b))
    return fit and one != other and rank("wildcard", one) == rank("wildcard", other)


class Ring:
    def __init__(self, *scrambled):
        self.entries, self.scrambled = {}, scrambled  # prefixes

    def set(self, pattern, match="exact", *keys, until=0, send_plain=False, allow_unsigned=0):
        """Keys of a pattern, or none to make it plain. A key may be a Version, which has dates."""
        if match == "wildcard" and any(m == match and tie(pattern, other) for m, other in self.entries):
            raise ValueError(f"{pattern!r} ties with another wildcard for some URIs")
        versions = [k if isinstance(k, Version) else Version(k) for k in keys]
        self.entries[match, pattern] = Entry(versions, until, send_plain, allow_unsigned)

    def current(self, uri, version):
        """The version of the same id that the URI's pattern has now, or this one if it has none any more."""
        same = (v for v in self.find(uri)[1].versions if v.key.begins == version.key.begins != b"")
        return next(same, version)

    def pattern(self, uri):
        """The most specific one that counts, or None."""
        within = next((p for p in ("wamp.", *self.scrambled) if uri.startswith(p)), "")
        fitting = [p for p in self.entries if matches(*p, uri) and fixed_text(*p).startswith(within)]
        if not uri or uri.startswith("wampbox.error"):
            return None
        return max(fitting, key=lambda p: rank(*p), default=None)

    def find(self, uri):
        """keyed, plain or closed; and what the most specific pattern has."""
        entry = self.entries.get(self.pattern(uri), Entry())
        if uri.startswith("wamp.") and not entry.versions:
            return "plain", Entry()
        if self.pattern(uri) is None:
            return "closed", Entry()
        return "keyed" if entry.versions else "plain", entry
