"""What becomes of each message received (FORMAT.md, 7 to 12)."""
import hashlib
import os
import time
from dataclasses import dataclass, field

from .cbor import Fault, require
from .envelope import MAX_PAYLOAD, OVERHEAD, Envelope, binary, classify, shown
from .keys import ANSWERS, MESSAGES, ORIGINATOR, RESPONDER
from .memory import Memory, Tokens
from .record import CALL, CALL_PROGRESS, ERROR, FIELDS, KEEP, PROGRESS, PUBLISH, REFUSAL, RESULT, SELF
from .record import read_foreign, read_record, write_record
from .ring import Version, matches

TRIED, REFUSALS, REFUSAL_SIZE = 8, 16, 256
REFUSAL_REASONS = ("Plaintext", "NoKey", "WrongRole", "Malformed", "NotOpened", "WrongURI", "WrongKind", "WrongRealm",
                   "WrongRequest", "Gap", "Replayed", "Stale", "ClockSkew", "StoreDown", "TooLarge")
NO_CODEC, DECRYPT_ERROR = "wamp.error.no_payload_codec", "wamp.error.encryption.decrypt_error"
EVENT, WAMP_ERROR = 36, 8
# By type of message: where its details and what is behind its head stand, and the kind without and with progress
SHAPES = {36: (3, 4, PUBLISH, PUBLISH), 68: (3, 4, CALL, CALL_PROGRESS), 50: (2, 3, RESULT, PROGRESS), 8: (3, 5, ERROR, ERROR)}


@dataclass
class Wanted:
    """A subscription or registration."""
    uri: str
    match: str
    started: int
    get_retained: bool = False
    tokens: Tokens = field(default_factory=Tokens)

    def uri_of(self, details, name):
        if self.match == "exact":
            return self.uri
        uri = details.get(name)
        require(isinstance(uri, str) and matches(self.match, self.uri, uri), "WrongURI", "outside of the pattern")
        return uri


@dataclass
class Exchange:
    """One event; or a call, at either side of it. Without a version it is plain."""
    request: int = 0
    uri: str | None = None
    version: Version | None = None
    token: bytes | None = None
    sender: bytes | None = None  # whose chunks, or answers, these are
    received: int = 0
    sent: int = 0
    more: bool = False
    envelope: Envelope | None = None  # of the first chunk received
    shows: set = frozenset()  # what that shows of dialects
    begins: bytes | None = None  # its suite and key id


@dataclass
class Outcome:
    """One of four: record, plain, refused (by the callee) or reason (we refuse)."""
    record: dict | None = None
    plain: list | None = None
    refused: bool = False
    refusal: dict | None = None
    reason: str | None = None
    answer: list | None = None  # the ERROR to send, if a refused message is an INVOCATION
    exchange: Exchange | None = None
    missed: int = 0


class Receiver:
    def __init__(self, ring, realm, sender=None, clock=lambda: time.time_ns() // 10**6,
                 ticks=lambda: time.monotonic_ns() // 10**6, max_age=300_000, skew=30_000, random=os.urandom):
        self.ring, self.realm, self.random = ring, realm, random
        self.sender, self.n = sender or random(16), 0
        self.clock, self.ticks, self.max_age, self.skew = clock, ticks, max_age, skew
        self.memory, self.tokens, self.born = Memory(max_age + skew), Tokens(), self.ticks()
        self.invocations, self.highest = {}, {}
        self.refusals, self.refilled = REFUSALS, self.ticks()

    def subscribe(self, uri, match="exact", get_retained=False):
        return Wanted(uri, match, self.ticks(), get_retained)

    register = subscribe

    def event(self, wanted, message):
        return self._decided(self._first, Exchange(), message, wanted)

    def result(self, call, message):
        return self._decided(self._later, call, message)

    def error(self, call, message):
        return self._decided(self._error, call, message)

    def invocation(self, wanted, message):
        _, request, _, details, *rest = message
        later = request in self.invocations
        call = self.invocations[request] if later else Exchange(request, shows=shown(details, rest), begins=begins_of(rest))
        outcome = self._decided(self._later if later else self._first, call, message, wanted)
        if outcome.reason:
            self.invocations.pop(request, None)
            outcome.answer = self._refuse(call, outcome.reason, later)
        else:
            call.more = details.get("progress") is True
            self.invocations[request] = outcome.exchange = call
        return outcome

    @staticmethod
    def _decided(decide, call, message, wanted=None):
        details, behind = SHAPES[message[0]][:2]
        try:
            return decide(call, message, message[details], message[behind:], wanted)
        except Fault as fault:
            return Outcome(reason=fault.reason)

    # Each of these three decides upon messages of one sort, from 9.A on

    def _first(self, call, message, details, rest, wanted):
        """EVENT, or the first chunk of a call."""
        call.uri = wanted.uri_of(details, "topic" if message[0] == EVENT else "procedure")
        call.envelope = classify(details, rest)
        state, entry = self.ring.find(call.uri)
        if call.envelope is None:
            require(state != "closed", "NoKey")
            require(state == "plain" or self.clock() < entry.until, "Plaintext")
            return Outcome(plain=rest)
        version, record = self._open_with_any(call.uri, call.envelope, RESPONDER, call)
        return self._accept(call, message, details, wanted, call.envelope, version, record, None)

    def _later(self, call, message, details, rest, wanted):
        """A later chunk of a call, or RESULT."""
        if wanted:
            same = wanted.match == "exact" or details.get("procedure", call.uri) == call.uri
            require(same, "WrongURI", "another procedure than that of the first chunk")
        envelope = classify(details, rest, call.envelope)
        require(not wanted or call.more, "WrongRequest", "its last chunk was there already")
        if call.version is None:
            require(envelope is None, "WrongRequest", "sealed, in a plain exchange")
            return Outcome(plain=rest)
        require(envelope, "Plaintext")
        require_version(call, envelope)
        record = read(call.version, envelope, MESSAGES if wanted else ANSWERS, call.uri)
        return self._accept(call, message, details, wanted, envelope, call.version, record, call.token)

    def _error(self, call, message, details, rest, wanted):
        """ERROR of a call (11.3)."""
        envelope, uri = classify(details, rest), message[4]
        dialect = call.version.key.dialect if call.version else None
        if envelope is None:
            require(dialect != "wampbox" or uri.startswith("wamp."), "Plaintext")
            return Outcome(plain=[] if dialect == "wampbox" else rest)
        if dialect != "wampbox":
            require(dialect or envelope.dialect != "wampbox", "WrongRequest", "sealed, though the call was plain")
            require(dialect in (None, envelope.dialect), "NotOpened", "another dialect than the call's")
            version, record = self._open_with_any(uri, envelope, ORIGINATOR)
            return self._accept(call, message, details, None, envelope, version, record, None)
        require(uri == "wampbox.error", "WrongURI", "a sealed error has its URI inside")
        require_version(call, envelope)
        try:
            data = call.version.key.open(ANSWERS, envelope.payload)
        except Fault:
            require(len(envelope.payload) == REFUSAL_SIZE, "NotOpened")
            return Outcome(refused=True)
        record = read_record(data)
        if record["kind"] != REFUSAL:
            return self._accept(call, message, details, None, envelope, call.version, record, call.token)
        require(record["re"] == call.token, "WrongRequest")
        reason, clock = record["args"]
        reason = reason if reason in REFUSAL_REASONS else "unknown"
        return Outcome(refused=True, refusal={"reason": reason, "clock": clock})

    def _open_with_any(self, uri, envelope, role, call=None):
        """A version of the URI's key that opens a first payload, and the record in that (9.C, 12.3)."""
        now, (state, entry) = self.clock(), self.ring.find(uri)
        require(state == "keyed", "NoKey")
        require(any(role in v.key.roles for v in entry.versions), "WrongRole")
        named = [v for v in entry.versions if envelope.names(v.key)]
        if envelope.id and named:
            require(role in named[0].key.roles or named[0].revoked, "WrongRole")
        first = entry.sealing(now)
        order = sorted((v for v in named if role in v.key.roles and v.opens(now)),
                       key=lambda v: (v is first, v.active > now, v.active), reverse=True)
        reason = Fault("NotOpened", "no version of the key opens it")
        for version in order[:TRIED]:
            try:
                return version, read(version, envelope, MESSAGES if role == RESPONDER else ANSWERS, uri, call)
            except Fault as fault:
                reason = fault if reason.reason == "NotOpened" else reason
        raise reason

    def _accept(self, call, message, details, wanted, envelope, version, r, token):
        """What a record says of itself (9.E, 10). Nothing is noted before all has passed."""
        event, first = message[0] == EVENT, wanted and token is None
        scope = ("event", wanted.match, wanted.uri) if event else "call" if wanted else "answer"
        own_token = version.key.token(envelope.payload)
        if envelope.dialect != "wampbox":
            self.tokens.check((scope, own_token))
            self.tokens.note((scope, own_token))
            return Outcome(record=r)
        now, own = self.clock(), event and r["from"] == self.sender
        kept = first and wanted.get_retained and bool(r["flags"] & KEEP)
        late = kept and details.get("retained") is True
        since = self._since(wanted.started, now) if wanted else 0
        for right, reason in (
                (r["uri"] == call.uri or message[0] == WAMP_ERROR, "WrongURI"),
                (r["realm"] == self.realm, "WrongRealm"),
                (r["kind"] == SHAPES[message[0]][2 + (details.get("progress") is True)], "WrongKind"),
                (r["re"] == token, "WrongRequest"),
                (call.sender in (None, r["from"]), "WrongRequest"),
                (r["seq"] == call.received or event, "Gap"),
                (not own or r["flags"] & SELF, "Replayed"),
                (r["ts"] <= now + self.skew, "ClockSkew"),
                (late or r["ts"] >= now - self.max_age, "Stale"),
                (late or r["ts"] + self.skew >= since, "Stale")):
            require(right, reason)
        if first:
            self._note_new(wanted, scope, version, r, own_token, kept, late, now)
        call.sender, call.received = r["from"], call.received + 1
        return Outcome(record=r, missed=self._missed(r, version) if event and not late and not own else 0)

    def _since(self, ticks, now):
        """The time now of what was, by the clock that can't be set, at ticks."""
        return now - (self.ticks() - ticks)

    def _note_new(self, wanted, scope, version, r, token, kept, late, now):
        """Refuses an event or first chunk that was accepted before, and notes one that wasn't (10)."""
        place = scope, hashlib.sha256(version.key.secret).digest()
        born_before = r["ts"] + self.skew >= self._since(self.born, now)
        if late:
            wanted.tokens.check(token, r["ts"])
        else:
            require(born_before, "Stale", "from before the memory was born")
            self.memory.check(place, r["from"], r["n"], r["ts"])
            if kept:
                wanted.tokens.check(token)
        if born_before and r["ts"] >= now - self.memory.age:  # it could come live
            self.memory.note(place, r["from"], r["n"], r["ts"], now)
        if kept:
            wanted.tokens.note(token, r["ts"])

    def _missed(self, r, version):
        if r["seq"] is None:
            return 0
        place = version.key.secret, r["from"], r["uri"]
        before = self.highest.get(place, r["seq"])
        self.highest[place] = max(before, r["seq"])
        if len(self.highest) > 10_000:
            del self.highest[next(iter(self.highest))]
        return max(r["seq"] - before - 1, 0)

    # What a refused invocation is answered with (11.1)

    def _refuse(self, call, reason, later):
        if "enc" in call.shows:
            return [8, 68, call.request, {}, "wampbox.error", [], {"enc": self._refusal(call, reason)}]
        state = self.ring.find(call.uri)[0] if call.uri else None
        if call.shows:
            uri = NO_CODEC if state in ("plain", "closed") else DECRYPT_ERROR
        else:
            uri = NO_CODEC if later and state == "plain" else "wampbox.error.sealed_only"
        return [8, 68, call.request, {}, uri]

    def _refusal(self, call, reason):
        if call.version and not call.version.revoked and self._may_tell():
            record = self._stamp(REFUSAL, "", "", call.token, 0, 0, [reason, self.clock()], None)
            payload = write_record(record, REFUSAL_SIZE - OVERHEAD)
            return call.version.key.seal(ANSWERS, payload, self.random(24))
        begins = call.begins or b"\1" + self.random(16)
        return begins + self.random(REFUSAL_SIZE - len(begins))

    def _may_tell(self):
        ticks = self.ticks()
        self.refusals = min(REFUSALS, self.refusals + (ticks - self.refilled) * REFUSALS / 1000)
        self.refilled = ticks
        may = self.refusals >= 1
        self.refusals -= may
        return may

    def _stamp(self, *items):
        kind, realm, uri, *rest = items
        self.n += 1
        return dict(zip(FIELDS, (kind, realm, uri, self.sender, self.n, self.clock(), *rest)))


def require_version(call, envelope):
    right = envelope.names(call.version.key) and not call.version.revoked
    require(right, "NotOpened", "not the key of the call, or a revoked one")


def read(version, envelope, direction, uri, call=None):
    """The record in an envelope. The call, if it is its first payload, gets its version and token."""
    key = version.key
    require(envelope.dialect == "wampbox" or envelope.algorithm == key.algorithm, "NotOpened", "another algorithm")
    data = key.open(direction, envelope.payload)
    if call:
        call.version, call.token = version, key.token(envelope.payload)
    if key.dialect == "wampbox":
        return read_record(data)
    record = read_foreign(key.dialect, data)
    require(record["uri"] == uri or record["uri"] is None and key.dialect == "passthru", "WrongURI")
    return record


def begins_of(rest):
    """Suite and key id of an enc that is a payload, whatever stands beside it."""
    kwargs = rest[1] if len(rest) > 1 and isinstance(rest[1], dict) else {}
    payload = binary(kwargs.get("enc")) or b"\0"
    return payload[:17] if OVERHEAD <= len(payload) <= MAX_PAYLOAD and 1 <= payload[0] <= 5 else None
