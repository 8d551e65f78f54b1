"""Opening, with every check (9, 11.1, 11.3, 12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from .calls import Asked, Call, Direction, Opened
from .framing import Envelope, pick_up
from .keys import Key
from .memory import Memory
from .reasons import Refused
from .record import read_record
from .sealing import Sealing


@dataclass
class Session(Sealing):
    max_age: int = 300000
    skew: int = 30000

    def __post_init__(self) -> None:
        self.memory = Memory(self.clock(), self.max_age, self.skew)

    def event(self, asked: Asked, details: dict[str, Any], parts: list[Any]) -> Opened:
        uri = asked.uri_of(details, "topic")
        envelope, versions = self.sort(uri, details, parts)
        if envelope is None or versions is None:
            return delivered(uri, parts)
        key, record = self.unbox(versions, "responder", envelope)
        bind = self.check(uri, key, record, "publish", None, None)
        scope = f"event {asked.match} {asked.uri}"
        token = envelope.payload[: key.nonce_size]
        if bind is None:
            self.memory.admit_token(scope, token)
        else:
            if bind["from"] == self.own_from and not bind.get("self", False):
                raise Refused("Replayed", "an own event")
            late = (
                bind.get("keep", False)
                and details.get("retained") is True
                and asked.get_retained
            )
            self.check_times(bind, asked.since, late)
            self.memory.admit(
                scope, key, bind, token, self.clock(), late, asked.get_retained
            )
        return opened(uri, record)

    def invocation(
        self,
        asked: Asked,
        details: dict[str, Any],
        parts: list[Any],
        call: Optional[Call] = None,
    ) -> tuple[Opened, Call]:
        """call is given for a later chunk; the one that comes back is its."""
        if call is None:
            uri = asked.uri_of(details, "procedure")
            envelope, versions = self.sort(uri, details, parts)
            call = Call(uri, keyed=versions is not None, first=envelope)
        else:
            uri = call.uri
            if asked.match != "exact" and details.get("procedure", uri) != uri:
                raise Refused("WrongURI", "another procedure")
            envelope = pick_up(self.framing, details, parts, call.first)
            versions = self.sort_later(call, envelope)
        if envelope is None or versions is None:
            call.chunks.count += 1
            return delivered(uri, parts), call
        key, record = self.unbox(versions, "responder", envelope)
        kind = "call_progress" if details.get("progress") is True else "call"
        bind = self.check(uri, key, record, kind, call.token, call.chunks)
        token = envelope.payload[: key.nonce_size]
        if bind is not None:
            self.check_times(bind, asked.since)
            if call.token is None:
                self.memory.admit("calls", key, bind, token, self.clock())
        else:
            self.memory.admit_token("calls", token)
        call.versions, call.token = versions, call.token or token
        self.accept(call.chunks, bind)
        return opened(uri, record), call

    def result(self, call: Call, details: dict[str, Any], parts: list[Any]) -> Opened:
        envelope = pick_up(self.framing, details, parts)
        versions = self.sort_later(call, envelope)
        if envelope is None or versions is None:
            return delivered(call.uri, parts)
        kind = "progress" if details.get("progress") is True else "result"
        return self.open_answer(call, versions, envelope, kind, call.uri)

    def error(
        self, call: Call, details: dict[str, Any], error: str, parts: list[Any]
    ) -> Opened:
        envelope = pick_up(self.framing, details, parts)
        strict = call.versions is not None and not call.versions[0].unbound
        if envelope is None:
            if not strict:
                return delivered(error, parts)
            if not error.startswith("wamp."):
                raise Refused("Plaintext", error)
            return delivered(error, [])
        versions = call.versions if strict else self.keyring.find(error)
        if versions is None:
            raise Refused("NoKey", error)
        return self.open_answer(call, versions, envelope, "error", error)

    def open_answer(
        self, call: Call, versions: list[Key], envelope: Envelope, kind: str, uri: str
    ) -> Opened:
        key, record = self.unbox(versions, "originator", envelope)
        bind = self.check(uri, key, record, kind, call.token, call.answers)
        token = envelope.payload[: key.nonce_size]
        if bind is None:
            self.memory.admit_token("answers", token)
        else:
            self.check_times(bind, None)
            if call.token is None:
                self.memory.admit("answers", key, bind, token, self.clock())
        self.accept(call.answers, bind)
        return opened(uri, record)

    def sort(
        self, uri: str, details: dict[str, Any], parts: list[Any]
    ) -> tuple[Optional[Envelope], Optional[list[Key]]]:
        """Step B for what begins an exchange."""
        envelope, versions = (
            pick_up(self.framing, details, parts),
            self.keyring.find(uri),
        )
        if envelope is not None and versions is None:
            raise Refused("NoKey", uri)
        if envelope is None and versions is not None:
            raise Refused("Plaintext", uri)
        return envelope, versions

    def sort_later(
        self, call: Call, envelope: Optional[Envelope]
    ) -> Optional[list[Key]]:
        """Step B for what belongs to a call."""
        if call.versions is not None and envelope is None:
            raise Refused("Plaintext", call.uri)
        if call.versions is None and envelope is not None:
            raise Refused("WrongRequest", "sealed in a plain exchange")
        return call.versions

    def unbox(
        self, versions: list[Key], role: str, envelope: Envelope
    ) -> tuple[Key, dict[str, Any]]:
        """Steps C and D."""
        if not any(key.plays(role) for key in versions):
            raise Refused("WrongRole", role)
        if envelope.key_id is not None:
            versions = [key for key in versions if key.id == envelope.key_id]
        fitting = [key for key in versions if key.plays(role)]
        if versions and not fitting:
            raise Refused("WrongRole", role)
        failure = Refused("NotOpened", "no such key id")
        for key in fitting[:8]:
            try:
                if key.name(self.framing) != envelope.algorithm:
                    raise Refused("NotOpened", "another algorithm")
                return key, read_record(envelope.serializer, key.open(envelope.payload))
            except Refused as err:
                # What one version says of more than its key counts.
                if failure.reason == "NotOpened":
                    failure = err
        raise failure

    def check(
        self,
        uri: str,
        key: Key,
        record: dict[str, Any],
        kind: str,
        token: Optional[bytes],
        before: Optional[Direction],
    ) -> Optional[dict[str, Any]]:
        """Step E, 1 to 7. Gives bind, or None if there is none."""
        bind = record["bind"]
        unbound = key.unbound and not (before is not None and before.bound)
        if record["uri"] != uri:
            bare = self.framing == "ppt" and bind is None and unbound
            if record["uri"] is not None or not bare:
                raise Refused("WrongURI", uri)
        if bind is None:
            if not unbound:
                raise Refused("Unbound", uri)
            return None
        if bind["realm"] != self.realm:
            raise Refused("WrongRealm", bind["realm"])
        if bind["kind"] != kind:
            raise Refused("WrongKind", bind["kind"])
        if bind.get("re") != token:
            raise Refused("WrongRequest", "re")
        if before is not None:
            if before.sender not in (None, bind["from"]):
                raise Refused("WrongRequest", "from")
            if bind["seq"] != before.count:
                raise Refused("Gap", str(bind["seq"]))
        return bind

    def check_times(
        self, bind: dict[str, Any], since: Optional[int], late: bool = False
    ) -> None:
        now, ts = self.clock(), bind["ts"]
        if ts > now + self.skew:
            raise Refused("ClockSkew", str(ts - now))
        if late:
            return
        if ts < now - self.max_age:
            raise Refused("Stale", "too old")
        if since is not None and ts + self.skew < since:
            raise Refused("Stale", "before it was asked for")

    @staticmethod
    def accept(direction: Direction, bind: Optional[dict[str, Any]]) -> None:
        direction.count += 1
        if bind is not None:
            direction.bound, direction.sender = True, bind["from"]

    def opaque_answer(
        self, asked: Asked, details: dict[str, Any], call: Optional[Call]
    ) -> str:
        """The error URI that a refused invocation is answered with (11.1)."""
        keyed = True
        if call is not None:
            keyed = call.keyed
        else:
            try:
                uri = asked.uri_of(details, "procedure")
                keyed = self.keyring.find(uri) is not None
            except Refused:
                pass  # no URI, no key that it could lack
        if keyed:
            return "wamp.error.encryption.decrypt_error"
        return "wamp.error.no_payload_codec"


def delivered(uri: str, parts: list[Any]) -> Opened:
    args, kwargs = (parts + [None, None])[:2]
    return Opened(uri, args, kwargs, sealed=False)


def opened(uri: str, record: dict[str, Any]) -> Opened:
    return Opened(uri, record["args"], record["kwargs"], record["bind"], True, record)
