"""Which key a URI has (2.4)."""

from __future__ import annotations

from typing import Optional

from .keys import Key


def matches(policy: str, pattern: str, uri: str) -> bool:
    if policy == "prefix":
        return uri.startswith(pattern)
    if policy == "wildcard":
        wanted, given = pattern.split("."), uri.split(".")
        return len(wanted) == len(given) and all(
            w in ("", g) for w, g in zip(wanted, given, strict=True)
        )
    return uri == pattern


class Keyring:
    """Patterns and the versions of their keys, the active one first (2.4)."""

    def __init__(self) -> None:
        self.patterns: dict[tuple[str, str], list[Key]] = {}

    def set(self, policy: str, pattern: str, versions: list[Key]) -> None:
        self.patterns[policy, pattern] = versions

    def find(self, uri: str) -> Optional[list[Key]]:
        """The versions of the most specific pattern's key; None if not keyed."""
        best, versions = (-1, 0), None
        for (policy, pattern), candidate in self.patterns.items():
            if not uri or not matches(policy, pattern, uri):
                continue
            if uri.startswith("wamp.") and not pattern.startswith("wamp."):
                continue
            if policy == "exact":
                rank = (3, 0)
            elif policy == "prefix":
                rank = (2 if pattern else 0, len(pattern))
            else:
                rank = (1, sum(1 for part in pattern.split(".") if part))
            if rank > best:
                best, versions = rank, candidate
        return versions
