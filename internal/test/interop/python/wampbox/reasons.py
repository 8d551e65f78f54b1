"""Reasons of refusals, and limits (11, 13)."""

from __future__ import annotations

MAX_RECORD = 16777216
MAX_PAYLOAD = 16777472
MAX_DEPTH = 128
MAX_VALUES = 1048576
MAX_BITS = 1024
SPARE_VALUES = 64  # for the root and bind, when reading


class Refused(Exception):
    """Carries the name of a reason from the document's list."""

    def __init__(self, reason: str, why: str = "") -> None:
        super().__init__(f"{reason}: {why}")
        self.reason = reason


def malformed(why: str) -> Refused:
    return Refused("Malformed", why)
