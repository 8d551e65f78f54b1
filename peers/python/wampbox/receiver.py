"""What becomes of each message received (FORMAT.md, 7 to 12)."""
import hashlib
import os
import time
from dataclasses import dataclass, field

from .envelope import binary, classify, shown
from .foreign import read_foreign
from .keys import ANSWERS, MAX_PAYLOAD, MESSAGES, ORIGINATOR, OVERHEAD, RESPONDER
from .memory import Memory, Tokens
from .record import CALL, CALL_PROGRESS, ERROR, KEEP, PROGRESS, PUBLISH, REFUSAL, RESULT, SELF, read_record, write_record
from .ring import matches
from .values import Fault

TRIED, REFUSALS, REFUSAL_SIZE = 8, 16, 256
REFUSAL_REASONS = ("Plaintext", "NoKey", "WrongRole", "Malformed", "NotOpened", "WrongURI", "WrongKind", "WrongRealm",
                   "WrongRequest", "Gap", "Replayed", "Stale", "ClockSkew", "StoreDown", "TooLarge")
NO_CODEC, DECRYPT_ERROR = "wamp.error.no_payload_codec", "wamp.error.encryption.decrypt_error"


@dataclass
class Wanted:
    """A subscription or registration."""
    uri: str
    match: str
    started: int
    get_retained: bool = False
    tokens: Tokens = field(default_factory=Tokens)


@dataclass
class Exchange:
    """A call, at either side of it. Without a version it is plain."""
    request: int
    uri: str | None = None
    version: object = None
    token: bytes | None = None
    sender: bytes | None = None  # whose chunks, or answers, these are
    received: int = 0
    sent: int = 0
    more: bool = False
    shows: set = frozenset()  # what the first chunk shows of dialects
    envelope: object = None
    begins: bytes | None = None  # suite and key id of the first payload
    opened: bool = False


@dataclass
class Outcome:
    """One of four: record, plain, refused (by the callee) or reason (we refuse)."""
    record: dict | None = None
    plain: list | None = None
    refused: bool = False
    refusal: dict | None = None
    reason: str | None = None
    answer: list | None = None
    exchange: Exchange | None = None
    missed: int = 0


class Receiver:
    def __init__(self, ring, realm, sender=None, clock=None, ticks=None, max_age=300_000, skew=30_000, random=os.urandom):
        self.ring, self.realm, self.random = ring, realm, random
        self.sender = sender or random(16)
        self.clock = clock or (lambda: time.time_ns() // 10**6)
        self.ticks = ticks or (lambda: time.monotonic_ns() // 10**6)
        self.max_age, self.skew = max_age, skew
        self.memory, self.tokens, self.born = Memory(max_age + skew), Tokens(), self.ticks()
        self.invocations, self.highest, self.n = {}, {}, 0
        self.refusals, self.refilled = REFUSALS, self.ticks()

    def subscribe(self, uri, match="exact", get_retained=False):
        return Wanted(uri, match, self.ticks(), get_retained)

    register = subscribe

    def event(self, wanted, message):
        """Decides upon EVENT."""
        return self._decided(lambda: self._event(wanted, message[3], message[4:], self.clock()))

    def result(self, call, message):
        """Decides upon RESULT. What is refused ends the call."""
        return self._decided(lambda: self._result(call, message[2], message[3:], self.clock()))

    def error(self, call, message):
        """Decides upon ERROR of a call."""
        return self._decided(lambda: self._error(call, message[3], message[4], message[5:], self.clock()))

    def invocation(self, wanted, message):
        """Decides upon INVOCATION. The outcome of a refused one has the ERROR to send."""
        request, details, rest = message[1], message[3], message[4:]
        call = self.invocations.get(request)
        later = call is not None
        if not later:
            call = Exchange(request, shows=shown(details, rest), begins=first_payload(rest))
        outcome = self._decided(lambda: (self._later if later else self._first)(wanted, call, details, rest, self.clock()))
        if outcome.reason:
            self.invocations.pop(request, None)
            outcome.answer = self._refuse(call, outcome.reason, later)
            return outcome
        call.more = details.get("progress") is True
        self.invocations[request] = outcome.exchange = call
        return outcome

    @staticmethod
    def _decided(decide):
        try:
            return decide()
        except Fault as fault:
            return Outcome(reason=fault.reason)

    # Which URI, what kind of message, which key

    @staticmethod
    def _uri(wanted, details, name):
        if wanted.match == "exact":
            return wanted.uri
        uri = details.get(name)
        if not isinstance(uri, str) or not matches(wanted.match, wanted.uri, uri):
            raise Fault("WrongURI", "outside of the pattern")
        return uri

    @staticmethod
    def _let_plain(state, entry, now, rest):
        if state == "closed":
            raise Fault("NoKey")
        if state == "keyed" and now >= entry.until:
            raise Fault("Plaintext")
        return Outcome(plain=rest)

    def _open_first(self, found, envelope, role, uri, now, call=None):
        """Opens with a version of the URI's key; our record is read, a foreign one checked too."""
        state, entry = found
        if state != "keyed":
            raise Fault("NoKey")
        if not any(role in v.key.roles for v in entry.versions):
            raise Fault("WrongRole")
        versions = [v for v in entry.versions if v.key.dialect == envelope.dialect and v.key.suite == envelope.suite]
        if envelope.id is not None:
            versions = [v for v in versions if v.key.id == envelope.id]
            if versions and role not in versions[0].key.roles and not versions[0].revoked:
                raise Fault("WrongRole")
        sealing = max((v for v in versions if v.active <= now), key=lambda v: v.active, default=None)
        versions = [v for v in versions if role in v.key.roles and v.opens(now)]
        order = sorted(versions, key=lambda v: (v is sealing, v.active > now, v.active), reverse=True)
        reason = Fault("NotOpened")
        for version in order[:TRIED]:
            try:
                return version, self._open(version, envelope, MESSAGES if role == RESPONDER else ANSWERS, uri, call)
            except Fault as fault:
                reason = fault if reason.reason == "NotOpened" else reason
        raise reason

    @staticmethod
    def _open(version, envelope, direction, uri, call=None):
        key = version.key
        if key.dialect != "wampbox" and envelope.algorithm != (key.cipher or "cryptobox"):
            raise Fault("NotOpened", "another algorithm")
        data = key.open(direction, envelope.payload)
        if call:
            call.version, call.token, call.opened = version, key.token(envelope.payload), True
        if key.dialect == "wampbox":
            return read_record(data)
        record = read_foreign(key.dialect, data)
        if record["uri"] != uri and not (record["uri"] is None and key.dialect == "passthru"):
            raise Fault("WrongURI")
        return record

    def _open_later(self, call, envelope, direction):
        """Opens a later chunk or an answer, with the version that the call has."""
        version, key = call.version, call.version.key
        if version.revoked or (envelope.dialect, envelope.suite) != (key.dialect, key.suite) \
                or envelope.id not in (key.id, key.id if key.suite else None):
            raise Fault("NotOpened", "not the key of the call")
        return self._open(version, envelope, direction, call.uri)

    # What a record says of itself

    def _says(self, r, uri, kind, token, sender=None, seq=None):
        for right, reason in ((r["uri"] == uri, "WrongURI"), (r["realm"] == self.realm, "WrongRealm"),
                              (r["kind"] == kind, "WrongKind"), (r["re"] == token, "WrongRequest"),
                              (sender in (None, r["from"]), "WrongRequest"), (seq in (None, r["seq"]), "Gap")):
            if not right:
                raise Fault(reason)

    def _times(self, r, now, started=None, late=False):
        if r["ts"] > now + self.skew:
            raise Fault("ClockSkew")
        since = None if started is None else now - (self.ticks() - started)
        if not late and (r["ts"] < now - self.max_age or since is not None and r["ts"] + self.skew < since):
            raise Fault("Stale")

    def _new(self, r, version, scope, now):
        """Refuses what isn't new in its window. What it gives back notes it."""
        secret = hashlib.sha256(version.key.secret).digest()
        self._times(r, now, self.born)
        self.memory.check(scope, secret, r["from"], r["n"], r["ts"])
        return lambda: self.memory.note(scope, secret, r["from"], r["n"], r["ts"], now)

    def _new_token(self, scope, version, envelope):
        token = version.key.token(envelope.payload)
        self.tokens.check(scope, token)
        self.tokens.note(scope, token)

    def _event(self, wanted, details, rest, now):
        uri = self._uri(wanted, details, "topic")
        envelope = classify(details, rest)
        found = self.ring.find(uri)
        if envelope is None:
            return self._let_plain(*found, now, rest)
        version, r = self._open_first(found, envelope, RESPONDER, uri, now)
        scope = "event", wanted.match, wanted.uri
        if envelope.dialect != "wampbox":
            self._new_token(scope, version, envelope)
            return Outcome(record=r)
        self._says(r, uri, PUBLISH, None)
        own, keep = r["from"] == self.sender, bool(r["flags"] & KEEP)
        if own and not r["flags"] & SELF:
            raise Fault("Replayed", "an own event unasked")
        late = keep and details.get("retained") is True and wanted.get_retained
        self._times(r, now, wanted.started, late)
        token = version.key.token(envelope.payload)
        if late:
            wanted.tokens.check(scope, token, r["ts"])
            born = now - (self.ticks() - self.born)
            if r["ts"] >= now - self.memory.age and r["ts"] + self.skew >= born:
                secret = hashlib.sha256(version.key.secret).digest()
                self.memory.note(scope, secret, r["from"], r["n"], r["ts"], now)
        else:
            note = self._new(r, version, scope, now)
            if keep and wanted.get_retained:
                wanted.tokens.check(scope, token)
            note()
        if keep and wanted.get_retained:
            wanted.tokens.note(scope, token, r["ts"])
        return Outcome(record=r, missed=0 if late or own else self._missed(r, version))

    def _missed(self, r, version):
        if r["seq"] is None:
            return 0
        place = version.key.secret, r["from"], r["uri"]
        before = self.highest.get(place, r["seq"])
        self.highest[place] = max(before, r["seq"])
        if len(self.highest) > 10_000:
            del self.highest[next(iter(self.highest))]
        return max(r["seq"] - before - 1, 0)

    def _first(self, wanted, call, details, rest, now):
        uri = self._uri(wanted, details, "procedure")
        call.uri = uri
        envelope = call.envelope = classify(details, rest)
        found = self.ring.find(uri)
        if envelope is None:
            return self._let_plain(*found, now, rest)
        version, r = self._open_first(found, envelope, RESPONDER, uri, now, call)
        call.version, call.token = version, version.key.token(envelope.payload)
        if envelope.dialect != "wampbox":
            self._new_token("call", version, envelope)
            return Outcome(record=r)
        self._says(r, uri, CALL_PROGRESS if details.get("progress") is True else CALL, None, None, 0)
        self._times(r, now, wanted.started)
        self._new(r, version, "call", now)()
        call.sender, call.received = r["from"], 1
        return Outcome(record=r)

    def _later(self, wanted, call, details, rest, now):
        if wanted.match != "exact" and details.get("procedure", call.uri) != call.uri:
            raise Fault("WrongURI", "another procedure than that of the first chunk")
        envelope = classify(details, rest, call.envelope)
        if not call.more:
            raise Fault("WrongRequest", "its last chunk was there already")
        if (outcome := self._as_began(call, envelope, rest)) is not None:
            return outcome
        r = self._open_later(call, envelope, MESSAGES)
        if envelope.dialect != "wampbox":
            self._new_token("call", call.version, envelope)
            return Outcome(record=r)
        kind = CALL_PROGRESS if details.get("progress") is True else CALL
        self._says(r, call.uri, kind, call.token, call.sender, call.received)
        self._times(r, now, wanted.started)
        call.received += 1
        return Outcome(record=r)

    @staticmethod
    def _as_began(call, envelope, rest):
        """Lets a plain payload pass in a plain exchange; None says that it is sealed, in a sealed one."""
        if call.version is None:
            if envelope is not None:
                raise Fault("WrongRequest", "sealed, in a plain exchange")
            return Outcome(plain=rest)
        if envelope is None:
            raise Fault("Plaintext")
        return None

    def _result(self, call, details, rest, now):
        envelope = classify(details, rest)
        if (outcome := self._as_began(call, envelope, rest)) is not None:
            return outcome
        r = self._open_later(call, envelope, ANSWERS)
        if envelope.dialect != "wampbox":
            self._new_token("answer", call.version, envelope)
            return Outcome(record=r)
        self._says(r, call.uri, PROGRESS if details.get("progress") is True else RESULT, call.token, call.sender, call.received)
        self._times(r, now)
        call.sender, call.received = r["from"], call.received + 1
        return Outcome(record=r)

    def _error(self, call, details, uri, rest, now):
        envelope = classify(details, rest)
        dialect = call.version.key.dialect if call.version else None
        if envelope is None:
            if dialect == "wampbox" and not uri.startswith("wamp."):
                raise Fault("Plaintext")
            return Outcome(plain=[] if dialect == "wampbox" else rest)
        if dialect == "wampbox":
            return self._our_error(call, uri, envelope, now)
        if dialect is None and envelope.dialect == "wampbox":
            raise Fault("WrongRequest", "sealed, though the call was plain")
        if dialect not in (None, envelope.dialect):
            raise Fault("NotOpened", "another dialect than the call's")
        version, r = self._open_first(self.ring.find(uri), envelope, ORIGINATOR, uri, now)
        self._new_token("answer", version, envelope)
        return Outcome(record=r)

    def _our_error(self, call, uri, envelope, now):
        if uri != "wampbox.error":
            raise Fault("WrongURI", "a sealed error has its URI inside")
        try:
            r = self._open_later(call, envelope, ANSWERS)
        except Fault as fault:
            version, key = call.version, call.version.key
            ours = (envelope.suite, envelope.id) == (key.suite, key.id) and not version.revoked
            if fault.reason == "NotOpened" and ours and len(envelope.payload) == REFUSAL_SIZE:
                return Outcome(refused=True)
            raise
        if r["kind"] == REFUSAL:
            if r["re"] != call.token:
                raise Fault("WrongRequest")
            reason, clock = r["args"]
            return Outcome(refused=True, refusal={"reason": reason if reason in REFUSAL_REASONS else "unknown", "clock": clock})
        self._says(r, r["uri"], ERROR, call.token, call.sender, call.received)
        self._times(r, now)
        return Outcome(record=r)

    # What a refused invocation is answered with

    def _refuse(self, call, reason, later):
        if "enc" in call.shows:
            return [8, 68, call.request, {}, "wampbox.error", [], {"enc": self._refusal(call, reason)}]
        state = self.ring.find(call.uri)[0] if call.uri else "closed"
        if call.shows:
            uri = NO_CODEC if call.uri and state != "keyed" else DECRYPT_ERROR
        else:
            uri = NO_CODEC if later and state == "plain" else "wampbox.error.sealed_only"
        return [8, 68, call.request, {}, uri]

    def _refusal(self, call, reason):
        version = call.version
        if call.opened and not version.revoked and self._may_tell():
            record = self._stamp(REFUSAL, "", "", call.token, 0, 0, [reason, self.clock()], None)
            return version.key.seal(ANSWERS, write_record(record, REFUSAL_SIZE - OVERHEAD), self.random(24))
        begins = call.begins or b"\1" + self.random(16)
        return begins + self.random(REFUSAL_SIZE - len(begins))

    def _may_tell(self):
        ticks = self.ticks()
        self.refusals = min(REFUSALS, self.refusals + (ticks - self.refilled) * REFUSALS / 1000)
        self.refilled = ticks
        if self.refusals < 1:
            return False
        self.refusals -= 1
        return True

    def _stamp(self, kind, realm, uri, token, seq, flags, args, kwargs):
        self.n += 1
        return {"kind": kind, "realm": realm, "uri": uri, "from": self.sender, "n": self.n, "ts": self.clock(),
                "re": token, "seq": seq, "flags": flags, "args": args, "kwargs": kwargs}


def first_payload(rest):
    """Suite and key id of an enc that is a payload, whatever stands beside it."""
    kwargs = rest[1] if len(rest) > 1 and isinstance(rest[1], dict) else {}
    payload = binary(kwargs.get("enc")) or b""
    return payload[:17] if OVERHEAD <= len(payload) <= MAX_PAYLOAD and 1 <= payload[0] <= 5 else None
