"""A Session: what it sends, and what becomes of each message that it receives (FORMAT.md, 7 to 12)."""
import hashlib
import os
import time
from types import SimpleNamespace

from .cbor import Fault, require
from .envelope import OVERHEAD, begins_of, classify, lay_out, shown
from .keys import ANSWERS, MESSAGES, ORIGINATOR, RESPONDER
from .memory import Memory, Tokens
from .record import CALL, CALL_PROGRESS, ERROR, FIELDS, KEEP, PROGRESS, PUBLISH, REFUSAL, RESULT, SELF
from .record import padme, read_foreign, read_record, write_foreign, write_record
from .ring import matches

TRIED, REFUSALS, REFUSAL_SIZE, TOPICS = 8, 16, 256, 10_000
REFUSAL_REASONS = """Plaintext NoKey WrongRole Malformed NotOpened WrongURI WrongKind WrongRealm WrongRequest
    Gap Replayed Stale ClockSkew StoreDown TooLarge""".split()
NO_CODEC, DECRYPT_ERROR = "wamp.error.no_payload_codec", "wamp.error.encryption.decrypt_error"
UNCOUNTED = {kind + by for kind in ("eligible", "exclude") for by in ("", "_authid", "_authrole")}
EVENT, INVOCATION, WAMP_RESULT, WAMP_ERROR = 36, 68, 50, 8
# By message: where its details and what stands behind its head are; its kind without and with progress
SHAPES = {EVENT: (3, 4, PUBLISH, PUBLISH), INVOCATION: (3, 4, CALL, CALL_PROGRESS),
          WAMP_RESULT: (2, 3, RESULT, PROGRESS), WAMP_ERROR: (3, 5, ERROR, ERROR)}


class Wanted(SimpleNamespace):
    """A subscription or registration: its URI and match, when it started, whether it gets retained events,
    and their tokens. Name is what its messages call their URI: topic or procedure."""


class Exchange(SimpleNamespace):
    """One event; or a call, at either side of it."""
    uri, version, token = "", None, None  # version and nonce of its first payload; without them it is plain
    sender, received, sent = None, 0, 0  # whose chunks or answers are received; their numbers
    started, sealed = 0, 0  # of a call of ours: when its first payload was sealed, by ticks and by clock
    first, envelope, more = None, None, False  # of an invocation: its first chunk and its envelope


class Outcome(SimpleNamespace):
    """One of four: a record; plain, with what came in place of a payload; refused by the callee, with the
    refusal that tells why; or the reason why we refuse, with the ERROR that answers an INVOCATION."""
    record = plain = refusal = reason = answer = exchange = None
    refused, missed = False, 0


class Session:
    """For one WAMP session. Pad is the size to pad to, a function of the least size, or None."""

    def __init__(self, ring, realm, sender=None, clock=lambda: time.time_ns() // 10**6,
                 ticks=lambda: time.monotonic_ns() // 10**6, max_age=300_000, skew=30_000,
                 random=os.urandom, pad=padme):
        self.ring, self.realm, self.random, self.pad = ring, realm, random, pad
        self.clock, self.ticks, self.max_age, self.skew = clock, ticks, max_age, skew
        self.sender, self.n = sender or random(16), 0
        self.published, self.highest, self.invocations = {}, {}, {}
        self.memory, self.tokens, self.born = Memory(max_age + skew), Tokens(), ticks()
        self.refusals, self.refilled = REFUSALS, ticks()

    # What is sent (8, 11.2, 12.3). Each method gives a WAMP message, or raises a Fault and sends nothing.

    def publish(self, topic, args=None, kwargs=None, options=None, request=1):
        options, event = unreserved(options, topic), Exchange(uri=topic, version=self._version(topic))
        counted = not UNCOUNTED & options.keys() and (topic in self.published or len(self.published) < TOPICS)
        event.sent = self.published.get(topic, 0) if counted else None
        flags = SELF * (options.get("exclude_me") is False) | KEEP * (options.get("retain") is True)
        extra, rest, _ = self._seal(event, PUBLISH, args, kwargs, flags)
        if counted and event.version:
            self.published[topic] = event.sent + 1
        return [16, request, options | extra, topic, *rest]

    def call(self, procedure, args=None, kwargs=None, options=None, request=1):
        """The call, for what is received for it, and its CALL. With the option progress, chunks follow."""
        testament = procedure == "wamp.session.add_testament"
        open_topic = not testament or self.ring.find((args or [""])[0])[0] == "plain"
        require(open_topic, "NoKey", "the router publishes testaments plain")
        call = Exchange(request=request, uri=procedure, version=self._version(procedure))
        return call, self.chunk(call, args, kwargs, options)

    def chunk(self, call, args=None, kwargs=None, options=None):
        options = unreserved(options, call.uri)
        kind = CALL_PROGRESS if options.get("progress") is True else CALL
        extra, rest, token = self._seal(call, kind, args, kwargs)
        if not call.sent:
            call.token, call.started, call.sealed = token, self.ticks(), self.clock()
        call.sent += 1
        return [48, call.request, options | extra, call.uri, *rest]

    def answer(self, call, args=None, kwargs=None, progress=False):
        """YIELD, or ERROR if the result can't be sealed."""
        try:
            extra, rest, _ = self._seal(call, PROGRESS if progress else RESULT, args, kwargs)
        except Fault:
            return self.fail(call, "wamp.error.runtime_error")
        call.sent += 1
        if not progress:
            self.invocations.pop(call.request, None)
        return [70, call.request, {"progress": True} | extra if progress else extra, *rest]

    def fail(self, call, uri, args=None, kwargs=None):
        """ERROR, for an error that a handler raised."""
        self.invocations.pop(call.request, None)
        head = [8, 68, call.request]
        if uri.startswith("wampbox.error") or not uri:
            uri, args, kwargs = "wamp.error.runtime_error", None, None
        if call.version and call.version.key.dialect == "wampbox":
            return [*head, {}, "wampbox.error", [], {"enc": self._sealed_error(call, uri, args, kwargs)}]
        state, entry = self.ring.find(uri)
        if not call.version and (state != "keyed" or self.clock() < entry.until):
            return [*head, {}, uri, *plain(args, kwargs)]
        try:
            error = Exchange(uri=uri, version=self._version(uri, RESPONDER))
            dialect = call.version.key.dialect if call.version else "autobahn"
            require(error.version and error.version.key.dialect == dialect, "NoKey")
            extra, rest, _ = self._seal(error, ERROR, args, kwargs)
            return [*head, extra, uri, *rest]
        except Fault:
            return [*head, {}, uri]

    def _sealed_error(self, call, uri, args, kwargs):
        """With its arguments; without those if they can't be sealed; random bytes if nothing may be."""
        error = Exchange(uri=uri, version=call.version, token=call.token, sent=call.sent)
        for given in ((args, kwargs), (None, None)):
            try:
                return self._seal(error, ERROR, *given)[1][1]["enc"]
            except Fault:
                pass
        return call.version.key.begins + self.random(REFUSAL_SIZE - 17)

    def _version(self, uri, role=ORIGINATOR):
        """The version that seals for a URI, or None if it goes plain."""
        now, (state, entry) = self.clock(), self.ring.find(uri)
        if state == "plain" or state == "keyed" and entry.send_plain and now < entry.until:
            return None
        version = entry.sealing(now)
        require(version and version.opens(now), "NoKey", "set a key for the URI, or say that it is plain")
        require(role in version.key.roles, "WrongRole", f"this key can't seal as {role}")
        return version

    def _seal(self, exchange, kind, args, kwargs, flags=0):
        """What goes into the options, what stands in place of the payload, and the token."""
        if exchange.version is None:
            return {}, plain(args, kwargs), None
        require(not exchange.version.revoked, "NoKey", "the version was revoked")
        key, uri = exchange.version.key, exchange.uri
        if key.dialect == "wampbox":
            record = self._stamp(kind, self.realm, uri, exchange.token, exchange.sent, flags, args, kwargs)
            data = write_record(record, self.pad)
        elif key.dialect == "autobahn" and kind == PROGRESS:
            data = write_foreign(key.dialect, uri, args or [], kwargs or {})
        else:
            data = write_foreign(key.dialect, uri, args, kwargs)
        payload = key.seal(MESSAGES if kind <= CALL_PROGRESS else ANSWERS, data, self.random(key.nonce_size))
        return *lay_out(key, payload), key.token(payload)

    def _stamp(self, kind, realm, uri, *rest):
        self.n += 1
        return dict(zip(FIELDS, (kind, realm, uri, self.sender, self.n, self.clock(), *rest)))

    # What is received (9)

    def subscribe(self, topic, match="exact", get_retained=False):
        return Wanted(name="topic", uri=topic, match=match, started=self.ticks(),
                      get_retained=get_retained, tokens=Tokens())

    def register(self, procedure, match="exact"):
        return Wanted(name="procedure", uri=procedure, match=match, started=self.ticks())

    def receive(self, of, message):
        """Decides upon an EVENT or INVOCATION of what was wanted, or a RESULT or ERROR of a call."""
        wanted, served, request = of if isinstance(of, Wanted) else None, message[0] == INVOCATION, message[1]
        call = of if not wanted else served and self.invocations.get(request)
        later, call = bool(call), call or Exchange(request=request, first=message)
        try:
            outcome = self._decide(call, message, wanted, not later)
        except Fault as fault:
            outcome = Outcome(reason=fault.reason)
        if served and outcome.reason:
            self.invocations.pop(request, None)
            outcome.answer = self._refuse(call, outcome.reason, later)
        elif served:
            call.more = message[3].get("progress") is True
            self.invocations[request] = outcome.exchange = call
        return outcome

    def _decide(self, call, message, wanted, first):
        details, rest = parted(message)
        if wanted and wanted.match == "exact":  # 9.A
            call.uri = wanted.uri
        elif wanted and first:
            uri = details.get(wanted.name)
            fits = isinstance(uri, str) and matches(wanted.match, wanted.uri, uri)
            require(fits, "WrongURI", "outside of the pattern")
            call.uri = uri
        elif wanted:
            same = details.get(wanted.name, call.uri) == call.uri
            require(same, "WrongURI", "another than that of the first chunk")
        envelope = classify(details, rest, call.envelope)  # 9.B
        require(first or not wanted or call.more, "WrongRequest", "its last chunk was there already")
        if envelope is None:
            return self._plain(call, message, rest, first)
        if message[0] == WAMP_ERROR:
            return self._error(call, message, envelope)
        if first:
            call.envelope = envelope
            record = self._open_with_any(call.uri, envelope, RESPONDER, call)[1]
        else:
            require(call.version, "WrongRequest", "sealed, in a plain exchange")
            require_version(call, envelope)
            record = read(call.version, envelope, MESSAGES if wanted else ANSWERS, call.uri)
        return self._accept(call, message, envelope, record, wanted, first)

    def _plain(self, call, message, rest, first):
        """What isn't sealed (9.B, 11.3)."""
        if first:
            state, entry = self.ring.find(call.uri)
            require(state != "closed", "NoKey")
            require(state == "plain" or self.clock() < entry.until, "Plaintext")
        elif call.version and message[0] != WAMP_ERROR:
            raise Fault("Plaintext")
        elif call.version and call.version.key.dialect == "wampbox":
            require(message[4].startswith("wamp."), "Plaintext")
            return Outcome(plain=[])
        return Outcome(plain=rest)

    def _error(self, call, message, envelope):
        """A sealed ERROR (11.3, 12.3)."""
        uri, dialect = message[4], call.version and call.version.key.dialect
        if dialect != "wampbox":
            require(dialect or envelope.dialect != "wampbox", "WrongRequest", "sealed, of a plain call")
            require(dialect in (None, envelope.dialect), "NotOpened", "another dialect than the call's")
            version, record = self._open_with_any(uri, envelope, ORIGINATOR)
            self.tokens.note_new(("answer", version.key.token(envelope.payload)))
            return Outcome(record=record)
        require(uri == "wampbox.error", "WrongURI", "a sealed error has its URI inside")
        require_version(call, envelope)
        try:
            data = call.version.key.open(ANSWERS, envelope.payload)
        except Fault:
            require(len(envelope.payload) == REFUSAL_SIZE, "NotOpened")
            return Outcome(refused=True)
        record = read_record(data)
        if record["kind"] != REFUSAL:
            return self._accept(call, message, envelope, record)
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
        fits = not envelope.id or not named or role in named[0].key.roles or named[0].revoked
        require(fits, "WrongRole")
        first, reason = entry.sealing(now), Fault("NotOpened", "no version of the key opens it")
        may = [v for v in named if role in v.key.roles and v.opens(now)]
        may.sort(key=lambda v: (v is first, v.active > now, v.active), reverse=True)
        for version in may[:TRIED]:
            try:
                return version, read(version, envelope, MESSAGES if role == RESPONDER else ANSWERS, uri, call)
            except Fault as fault:
                reason = fault if reason.reason == "NotOpened" else reason
        raise reason

    def _accept(self, call, message, envelope, r, wanted=None, first=False):
        """What a record says of itself, in the order of 9.E. Nothing is noted before all has passed."""
        event, details, now = message[0] == EVENT, parted(message)[0], self.clock()
        scope = ("event", wanted.match, wanted.uri) if event else "call" if wanted else "answer"
        token = call.version.key.token(envelope.payload)
        if envelope.dialect != "wampbox":
            self.tokens.note_new((scope, token))
            return Outcome(record=r)
        own, kept = event and r["from"] == self.sender, event and r["flags"] & KEEP and wanted.get_retained
        late = kept and details.get("retained") is True
        since = now - (self.ticks() - wanted.started) if wanted else 0  # by the clock that can't be set
        waited = self.ticks() - call.started
        fresh = not wanted and waited <= self.max_age
        now = now if wanted else call.sealed + waited
        for right, reason in (
                (r["uri"] == call.uri or message[0] == WAMP_ERROR, "WrongURI"),
                (r["realm"] == self.realm, "WrongRealm"),
                (r["kind"] == SHAPES[message[0]][2 + (details.get("progress") is True)], "WrongKind"),
                (r["re"] == (None if first else call.token), "WrongRequest"),
                (call.sender in (None, r["from"]), "WrongRequest"),
                (r["seq"] == call.received or event, "Gap"),
                (not own or r["flags"] & SELF, "Replayed"),
                (not wanted or r["ts"] <= now + self.skew, "ClockSkew"),
                (late or fresh or r["ts"] >= now - self.max_age, "Stale"),
                (late or r["ts"] + self.skew >= since, "Stale")):
            require(right, reason)
        if first:
            place = scope, hashlib.sha256(call.version.key.secret).digest()
            self._note_new(place, r, now, token, wanted.tokens if kept else None, late)
        call.sender, call.received = r["from"], call.received + 1
        counts = event and not late and not own and r["seq"] is not None
        return Outcome(record=r, missed=self._missed(r, call.version) if counts else 0)

    def _note_new(self, place, r, now, token, retained, late):
        """Refuses what was accepted before, else notes it (10). Retained are tokens of retained events."""
        alive = r["ts"] + self.skew >= now - (self.ticks() - self.born)
        if not late:
            require(alive, "Stale", "from before the memory was born")
            self.memory.check(place, r["from"], r["n"], r["ts"])
        if retained:
            retained.note_new(token, r["ts"], late)
        if alive and r["ts"] >= now - self.memory.age:  # it could come live
            self.memory.note(place, r["from"], r["n"], r["ts"], now)

    def _missed(self, r, version):
        """How many events of this sender on this topic are missing (7.2)."""
        place = version.key.secret, r["from"], r["uri"]
        before = self.highest.get(place, r["seq"])
        self.highest[place] = max(before, r["seq"])
        if len(self.highest) > TOPICS:
            del self.highest[next(iter(self.highest))]
        return max(r["seq"] - before - 1, 0)

    # What a refused invocation is answered with (11.1)

    def _refuse(self, call, reason, later):
        shows, state = shown(*parted(call.first)), self.ring.find(call.uri)[0] if call.uri else None
        head = [8, 68, call.request, {}]
        if "enc" in shows:
            return [*head, "wampbox.error", [], {"enc": self._refusal(call, reason)}]
        if shows:
            return [*head, NO_CODEC if state in ("plain", "closed") else DECRYPT_ERROR]
        return [*head, NO_CODEC if later and state == "plain" else "wampbox.error.sealed_only"]

    def _refusal(self, call, reason):
        if call.version and not call.version.revoked and self._may_tell():
            record = self._stamp(REFUSAL, "", "", call.token, 0, 0, [reason, self.clock()], None)
            data = write_record(record, REFUSAL_SIZE - OVERHEAD)
            return call.version.key.seal(ANSWERS, data, self.random(24))
        begins = begins_of(call.first[4:]) or b"\1" + self.random(16)
        return begins + self.random(REFUSAL_SIZE - len(begins))

    def _may_tell(self):
        ticks = self.ticks()
        self.refusals = min(REFUSALS, self.refusals + (ticks - self.refilled) * REFUSALS / 1000)
        self.refilled = ticks
        may = self.refusals >= 1
        self.refusals -= may
        return may


def plain(args, kwargs):
    require(not kwargs or "enc" not in kwargs, "ReservedOption", "no keyword argument may be named enc")
    return [list(args or []), dict(kwargs or {})]


def unreserved(options, uri):
    names = (str(name) for name in options or {})
    reserved = uri.startswith("wampbox.error") or any(name.startswith(("enc_", "ppt_")) for name in names)
    require(not reserved, "ReservedOption", "use another name")
    return dict(options or {})


def parted(message):
    """Details, and what stands behind the head."""
    details, behind = SHAPES[message[0]][:2]
    return message[details], message[behind:]


def require_version(call, envelope):
    right = envelope.names(call.version.key) and not call.version.revoked
    require(right, "NotOpened", "not the key of the call, or a revoked one")


def read(version, envelope, direction, uri, call=None):
    """The record in an envelope. The call, if it is its first payload, gets its version and token."""
    key = version.key
    require(envelope.algorithm in ("", key.algorithm), "NotOpened", "another algorithm")
    data = key.open(direction, envelope.payload)
    if call:
        call.version, call.token = version, key.token(envelope.payload)
    if key.dialect == "wampbox":
        return read_record(data)
    record = read_foreign(key.dialect, data)
    require(record["uri"] == uri or record["uri"] is None and key.dialect == "passthru", "WrongURI")
    return record
