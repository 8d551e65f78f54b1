"""Sealing (8, 11.2)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Optional

from .calls import Call
from .framing import Envelope, Payload, lay_out
from .keys import Key
from .patterns import Keyring
from .reasons import MAX_RECORD, Refused
from .record import PAD_LEAST, pad, padme, write_record


def clock_ms() -> int:
    return time.time_ns() // 1000000


@dataclass
class Sealing:
    """The half of a Session that seals."""

    realm: str
    framing: str
    keyring: Keyring
    serializer: str = "cbor"
    own_from: bytes = field(default_factory=lambda: os.urandom(16))
    clock: Callable[[], int] = clock_ms
    padded: bool = False
    n: int = 0

    def seal(
        self,
        key: Key,
        kind: str,
        uri: str,
        args: Optional[list[Any]],
        kwargs: Optional[dict[str, Any]],
        more: dict[str, Any],
    ) -> Envelope:
        """more are fields of bind; those that are None are left out."""
        self.n += 1
        bind = {
            "v": 1,
            "kind": kind,
            "realm": self.realm,
            "from": self.own_from,
            "n": self.n,
            "ts": self.clock(),
        }
        bind.update((name, value) for name, value in more.items() if value is not None)
        if key.unbound and kind == "progress":
            args, kwargs = args or [], kwargs or {}
        record = {"uri": uri, "args": args, "kwargs": kwargs, "bind": bind}
        data = write_record(self.serializer, record)
        least = len(data) + PAD_LEAST[self.serializer]
        if self.padded and least <= MAX_RECORD:
            data = pad(self.serializer, data, min(padme(least), MAX_RECORD))
        return Envelope(key.name(self.framing), self.serializer, key.id, key.seal(data))

    def publish(
        self,
        uri: str,
        args: Optional[list[Any]] = None,
        kwargs: Optional[dict[str, Any]] = None,
        exclude_me: bool = True,
        retain: bool = False,
    ) -> Payload:
        versions = self.keyring.find(uri)
        if versions is None:
            return plain(args, kwargs)
        envelope = self.seal(
            active(versions, "originator"),
            "publish",
            uri,
            args,
            kwargs,
            {"self": None if exclude_me else True, "keep": retain or None},
        )
        return lay_out(self.framing, envelope)

    def call(
        self,
        call: Call,
        args: Optional[list[Any]] = None,
        kwargs: Optional[dict[str, Any]] = None,
        more: bool = False,
    ) -> Payload:
        """The next chunk of a call; more says that another follows."""
        if call.chunks.count == 0:
            call.versions = self.keyring.find(call.uri)
        if call.versions is None:
            return plain(args, kwargs)
        key = active(call.versions, "originator")
        envelope = self.seal(
            key,
            "call_progress" if more else "call",
            call.uri,
            args,
            kwargs,
            {"re": call.token, "seq": call.chunks.count},
        )
        call.chunks.count += 1
        if call.token is None:
            call.token = envelope.payload[: key.nonce_size]
        return lay_out(self.framing, envelope)

    def answer(
        self,
        call: Call,
        kind: str,
        args: Optional[list[Any]] = None,
        kwargs: Optional[dict[str, Any]] = None,
        error: str = "",
    ) -> Payload:
        """A progress, result or error of an invocation."""
        versions = call.versions
        if kind == "error" and (versions is None or versions[0].unbound):
            versions = self.keyring.find(error)
            if versions is None and call.versions is not None:
                return {}, []
        if versions is None:
            return plain(args, kwargs)
        envelope = self.seal(
            active(versions, "responder"),
            kind,
            error or call.uri,
            args,
            kwargs,
            {"re": call.token, "seq": call.answers.count},
        )
        call.answers.count += 1
        return lay_out(self.framing, envelope)


def active(versions: list[Key], role: str) -> Key:
    """The version that seals."""
    if not versions:
        raise Refused("NoKey", "no version")
    if not versions[0].plays(role):
        raise Refused("WrongRole", role)
    return versions[0]


def plain(args: Optional[list[Any]], kwargs: Optional[dict[str, Any]]) -> Payload:
    if kwargs is not None:
        return {}, [args or [], kwargs]
    return {}, [] if args is None else [args]
