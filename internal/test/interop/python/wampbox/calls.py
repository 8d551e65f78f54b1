"""What a Session knows of calls and of what it asked for (7.2 to 7.4, 9.A)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from .framing import Envelope
from .keys import Key
from .patterns import matches
from .reasons import Refused


@dataclass
class Asked:
    """A subscription or registration."""

    uri: str
    match: str = "exact"
    since: int = 0
    get_retained: bool = False

    def uri_of(self, details: dict[str, Any], name: str) -> str:
        if self.match == "exact":
            return self.uri
        uri = details.get(name)
        if not isinstance(uri, str) or not matches(self.match, self.uri, uri):
            raise Refused("WrongURI", "of details")
        return uri


@dataclass
class Direction:
    """What went, or came, of the chunks of a call or of its answers."""

    count: int = 0
    sender: Optional[bytes] = None
    bound: bool = False


@dataclass
class Call:
    """A call, at either end.

    versions are those of the key that it began with, None if it is plain;
    keyed tells whether its procedure has a key. first is the envelope that it
    began with.
    """

    uri: str
    versions: Optional[list[Key]] = None
    keyed: bool = False
    first: Optional[Envelope] = None
    token: Optional[bytes] = None
    chunks: Direction = field(default_factory=Direction)
    answers: Direction = field(default_factory=Direction)


@dataclass
class Opened:
    """What is delivered. sealed is False for what came plain."""

    uri: str
    args: Optional[list[Any]]
    kwargs: Optional[dict[str, Any]]
    bind: Optional[dict[str, Any]] = None
    sealed: bool = True
    record: Optional[dict[str, Any]] = None
