"""A Session: what it sends, and what becomes of each message that it receives (FORMAT.md, 7 to 12)."""
import hashlib
import os
import time
from collections import OrderedDict
from contextlib import suppress
from types import SimpleNamespace

from .cbor import Fault, require
from .envelope import begins_of, binary, classify, lay_out, shown
from .keys import ANSWERS, MESSAGES, ORIGINATOR, RESPONDER, direction_of
from .memory import Memory, Retained, SignedMemory, Tokens
from .record import CALL, CALL_PROGRESS, ERROR, FIELDS, KEEP, PROGRESS, PUBLISH, REFUSAL, RESULT, SELF
from .record import padme, read_foreign, read_record, write_foreign, write_record
from .ring import matches
from .signed import HOUR

TRIED, REFUSALS, REFUSAL_SIZE, TOPICS, CONTEXTS = 8, 16, 256, 10_000, 1024
REFUSAL_REASONS = """Plaintext NoKey WrongRole Malformed NotOpened WrongURI WrongKind WrongRealm WrongRequest
    Gap Replayed Stale ClockSkew StoreDown TooLarge""".split()
NO_CODEC, DECRYPT_ERROR = "wamp.error.no_payload_codec", "wamp.error.encryption.decrypt_error"
UNCOUNTED = {kind + by for kind in ("eligible", "exclude") for by in ("", "_authid", "_authrole")}
EVENT, INVOCATION, WAMP_RESULT, WAMP_ERROR = 36, 68, 50, 8
# By message: where its details and what stands behind its head are; its kind without and with progress
SHAPES = {EVENT: (3, 4, PUBLISH, PUBLISH), INVOCATION: (3, 4, CALL, CALL_PROGRESS),
          WAMP_RESULT: (2, 3, RESULT, PROGRESS), WAMP_ERROR: (3, 5, ERROR, ERROR)}


class Exchange(SimpleNamespace):
    """One event; or a call, at either side of it."""
    uri, version, token = "", None, None  # version and token of its first payload; without them it is plain
    context = None  # in suites 4 and 5: that of its first payload
    sender, received, sent = None, 0, 0  # whose chunks or answers are received: from and signer; their numbers
    started, sealed = 0, 0  # of a call of ours: when its first payload was sealed, by ticks and by clock
    begun, more = True, True  # whether its first payload was accepted, and its last wasn't
    wanted, first, envelope = None, None, None  # of events and invocations: what for, and how they began

    @property
    def dialect(self):
        return self.version and self.version.key.dialect


class Outcome(SimpleNamespace):
    """One of four: a record; plain, with what came in place of a payload; refused by the callee, with the
    refusal that tells why; or the reason why we refuse, with the ERROR that answers an INVOCATION."""
    record = plain = refusal = reason = answer = exchange = None
    sender = None  # the proved name of the signer of a record
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
        self.signed_memory = SignedMemory(max_age + skew)
        self.contexts, self.joined = {}, OrderedDict()  # in which this Session seals, and those of others
        self.told = ticks() - 1000  # each readable refusal moves it on; up to now there is room for more

    # What is sent (8, 11.2, 12.3). Each method gives a WAMP message, or raises a Fault and sends nothing.

    def publish(self, topic, args=None, kwargs=None, options=None, request=1):
        options, event = unreserved(options, topic), Exchange(uri=topic, version=self._version(topic))
        counted = not UNCOUNTED & options.keys() and (topic in self.published or len(self.published) < TOPICS)
        event.sent = self.published.get(topic, 0) if counted else None
        flags = SELF * (options.get("exclude_me") is False) | KEEP * (options.get("retain") is True)
        extra, rest = self._seal(event, PUBLISH, args, kwargs, flags)
        if counted and event.version:
            self.published[topic] = event.sent + 1
        return [16, request, options | extra, topic, *rest]

    def call(self, procedure, args=None, kwargs=None, options=None, request=1):
        """The call, for what is received for it, and its CALL. With the option progress, chunks follow."""
        testament = procedure == "wamp.session.add_testament"
        open_topic = not testament or self.ring.find((args or [""])[0])[0] == "plain"
        require(open_topic, "NoKey", "the router publishes testaments plain")
        call = Exchange(request=request, uri=procedure, version=self._version(procedure))
        key = call.version and call.version.key
        require(not key or not key.signed or key.takes_answers, "WrongRole", "list answerers, or take any")
        return call, self.chunk(call, args, kwargs, options)

    def chunk(self, call, args=None, kwargs=None, options=None):
        options = unreserved(options, call.uri)
        kind = CALL_PROGRESS if options.get("progress") is True else CALL
        extra, rest = self._seal(call, kind, args, kwargs)
        if not call.sent:
            call.started, call.sealed = self.ticks(), self.clock()
        call.sent += 1
        return [48, call.request, options | extra, call.uri, *rest]

    def answer(self, call, args=None, kwargs=None, progress=False):
        """YIELD, or ERROR if the result can't be sealed."""
        try:
            extra, rest = self._seal(call, PROGRESS if progress else RESULT, args, kwargs)
        except Fault:
            return self.fail(call, "wamp.error.runtime_error")
        call.sent += 1
        if not progress:
            self.invocations.pop(call.request, None)
        return [70, call.request, {"progress": True} | extra if progress else extra, *rest]

    def fail(self, call, uri, args=None, kwargs=None):
        """ERROR, for an error that a handler raised (11.2, 12.3)."""
        self.invocations.pop(call.request, None)
        head = [8, 68, call.request]
        if uri.startswith("wampbox.error") or not uri:
            uri, args, kwargs = "wamp.error.runtime_error", None, None
        if call.dialect == "wampbox":
            error = Exchange(uri=uri, version=call.version, token=call.token, context=call.context, sent=call.sent)
            for given in ((args, kwargs), (None, None)):
                with suppress(Fault):
                    return [*head, {}, "wampbox.error", *self._seal(error, ERROR, *given)[1]]
            return [*head, {}, "wampbox.error", [], {"enc": self._noise(call.version.key.begins)}]
        state, entry = self.ring.find(uri)
        if not call.version and (state != "keyed" or self.clock() < entry.until):
            return [*head, {}, uri, *plain(args, kwargs)]
        with suppress(Fault):
            error = Exchange(uri=uri, version=self._version(uri, RESPONDER))
            require(error.dialect == (call.dialect or "autobahn"), "NoKey")
            extra, rest = self._seal(error, ERROR, args, kwargs)
            return [*head, extra, uri, *rest]
        return [*head, {}, uri]

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
        """What goes into the options, and what stands in place of the payload."""
        if exchange.version is None:
            return {}, plain(args, kwargs)
        version, uri = self.ring.current(exchange.uri, exchange.version), exchange.uri
        require(not version.revoked, "NoKey", "the version was revoked")
        key = version.key
        if key.dialect == "wampbox":
            record = self._record(kind, self.realm, uri, exchange.token, exchange.sent, flags, args, kwargs)
            return lay_out(key, self._sealed(exchange, key, record, self.pad))
        args, kwargs = (args or [], kwargs or {}) if key.dialect == "autobahn" and kind == PROGRESS else (args, kwargs)
        data = write_foreign(key.dialect, uri, args, kwargs)
        payload = key.seal(direction_of(kind), data, self.random(key.nonce_size))
        exchange.token = exchange.token or key.token(payload)
        return lay_out(key, payload)

    def _sealed(self, exchange, key, record, size):
        """The payload of a record of ours. The first of an exchange gives it its token and its context."""
        data, nonce = write_record(record, size), self.random(key.nonce_size)
        if key.signed and not exchange.context:
            made, context = self.contexts.get(key.id, (0, None))
            if not context or self.ticks() - made >= HOUR:
                made, context = self.contexts[key.id] = self.ticks(), key.begin(self.random)
            exchange.context = context
        payload, token = key.seal_record(record, data, nonce, exchange.context)
        exchange.token = exchange.token or token
        return payload

    def _record(self, kind, realm, uri, *rest):
        self.n += 1
        return dict(zip(FIELDS, (kind, realm, uri, self.sender, self.n, self.clock(), *rest)))

    # What is received (9)

    def subscribe(self, uri, match="exact", get_retained=False):
        """What events or invocations are received for. Retained are the tokens of retained events, if it gets
        those. To be called before SUBSCRIBE or REGISTER is sent."""
        retained = Retained() if get_retained else None
        return SimpleNamespace(uri=uri, match=match, started=self.ticks(), retained=retained)

    register = subscribe

    def receive(self, of, message):
        """Decides upon an EVENT or INVOCATION of what was wanted, or a RESULT or ERROR of a call."""
        call, served, request = of, message[0] == INVOCATION, message[1]
        if message[0] in (EVENT, INVOCATION):
            began = self.invocations.get(request) if served else None
            call = began or Exchange(request=request, first=message, begun=False)
            call.wanted = of
        try:
            outcome = self._decide(call, message)
        except Fault as fault:
            outcome = Outcome(reason=fault.reason)
        if served and outcome.reason:
            self.invocations.pop(request, None)
            outcome.answer = self._refuse(call, outcome.reason)
        elif served:
            call.begun, call.more = True, message[3].get("progress") is True
            self.invocations[request] = outcome.exchange = call
        return outcome

    def _decide(self, call, message):
        (details, rest), wanted = parted(message), call.wanted
        if wanted:  # 9.A
            said = details.get("topic" if message[0] == EVENT else "procedure", call.uri or None)
            uri = wanted.uri if wanted.match == "exact" else said
            fits = isinstance(uri, str) and matches(wanted.match, wanted.uri, uri)
            require(fits and call.uri in ("", uri), "WrongURI", "outside of the pattern, or another")
            call.uri = uri
        envelope = classify(details, rest, call.envelope)  # 9.B
        require(call.more, "WrongRequest", "its last chunk was there already")
        if envelope is None:
            return self._plain(call, message, rest)
        if message[0] == WAMP_ERROR:
            return self._error(call, message, envelope)
        require(call.version or not call.begun, "WrongRequest", "sealed, in a plain exchange")
        if wanted:
            call.envelope = envelope
        return self._accept(call, message, *self._open(call, envelope))

    def _plain(self, call, message, rest):
        """What isn't sealed (9.B, 11.3)."""
        error, ours = message[0] == WAMP_ERROR, call.dialect == "wampbox"
        if not call.begun:
            state, entry = self.ring.find(call.uri)
            require(state != "closed", "NoKey")
            require(state == "plain" or self.clock() < entry.until, "Plaintext")
        elif call.version and (ours or not error):
            require(error and message[4].startswith("wamp."), "Plaintext")
        return Outcome(plain=[] if error and ours else rest)

    def _error(self, call, message, envelope):
        """A sealed ERROR (11.3, 12.3)."""
        uri = message[4]
        if call.dialect != "wampbox":
            require(call.version or envelope.dialect != "wampbox", "WrongRequest", "sealed, of a plain call")
            require(call.dialect in (None, envelope.dialect), "NotOpened", "another dialect than the call's")
            error = Exchange(uri=uri)
            return self._accept(error, message, *self._open(error, envelope))
        require(uri == "wampbox.error", "WrongURI", "a sealed error has its URI inside")
        self._versions(call, envelope)
        try:
            record, opened = self._open(call, envelope)
        except Fault as fault:
            require(fault.reason == "NotOpened" and len(envelope.payload) == REFUSAL_SIZE, fault.reason)
            return Outcome(refused=True)
        if record["kind"] != REFUSAL:
            return self._accept(call, message, record, opened)
        require(record["re"] == call.token, "WrongRequest")
        reason, clock = record["args"]
        reason = reason if reason in REFUSAL_REASONS else "unknown"
        return Outcome(refused=True, refusal={"reason": reason, "clock": clock})

    def _versions(self, exchange, envelope):
        """Those that may open a payload, in the order in which they are tried (9.C, 12.3)."""
        if exchange.version:
            version = self.ring.current(exchange.uri, exchange.version)
            right = envelope.names(version.key) and not version.revoked
            require(right, "NotOpened", "not the key of the call, or a revoked one")
            return [version]
        now, (state, entry) = self.clock(), self.ring.find(exchange.uri)
        role = RESPONDER if exchange.wanted else ORIGINATOR
        require(state == "keyed", "NoKey")
        require(any(role in v.key.roles for v in entry.versions), "WrongRole")
        named = [v for v in entry.versions if envelope.names(v.key)]
        fits = not envelope.id or not named or role in named[0].key.roles or named[0].revoked
        require(fits, "WrongRole")
        first = entry.sealing(now)
        may = [v for v in named if role in v.key.roles and entry.opens(v, now)]
        return sorted(may, key=lambda v: (v is first, v.active > now, v.active), reverse=True)[:TRIED]

    def _open(self, exchange, envelope):
        """The record in an envelope, and what opening it told. The version that opens it is that of the exchange
        from then on, and so is the context."""
        reason = Fault("NotOpened", "no version of the key opens it")
        direction = MESSAGES if exchange.wanted else ANSWERS
        for version in self._versions(exchange, envelope):
            key = version.key
            try:
                require(envelope.algorithm in ("", key.algorithm), "NotOpened", "another algorithm")
                opened = key.open_record(direction, envelope.payload, exchange.context, self.joined)
                exchange.version, exchange.token = version, exchange.token or opened.token
                exchange.context = opened.context
                self._remember(key, opened.context)
                if key.dialect == "wampbox":
                    return read_record(opened.data), opened
                record = read_foreign(key.dialect, opened.data)
                missing = record["uri"] is None and key.dialect == "passthru"
                require(missing or record["uri"] == exchange.uri, "WrongURI")
                return record, opened
            except Fault as fault:
                reason = fault if reason.reason == "NotOpened" else reason
        raise reason

    def _remember(self, key, context):
        """Contexts in which a signature was right. The one that was used least lately goes."""
        if context and key.read:
            self.joined[key.id, context.sent] = context
            self.joined.move_to_end((key.id, context.sent))
            if len(self.joined) > CONTEXTS:
                self.joined.popitem(last=False)

    def _accept(self, call, message, r, opened):
        """What a record says of itself, in the order of 9.E. Nothing is noted before all has passed."""
        event, details, wanted, now = message[0] == EVENT, parted(message)[0], call.wanted, self.clock()
        scope = ("event", wanted.match, wanted.uri) if event else "call" if wanted else "answer"
        if call.dialect != "wampbox":
            self.tokens.note_new((scope, opened.token))
            return Outcome(record=r)
        own, kept = event and r["from"] == self.sender, event and r["flags"] & KEEP and wanted.retained
        late = kept and details.get("retained") is True
        set_by = now - self.ticks()  # what the clock that may be set shows when the other one shows 0
        waited = self.ticks() - call.started
        fresh = not wanted and waited <= self.max_age
        now = now if wanted else call.sealed + waited
        for right, reason in (
                (r["uri"] == call.uri or message[0] == WAMP_ERROR, "WrongURI"),
                (r["realm"] == self.realm, "WrongRealm"),
                (r["kind"] == SHAPES[message[0]][2 + (details.get("progress") is True)], "WrongKind"),
                (r["re"] == (call.token if call.begun else None), "WrongRequest"),
                (call.sender in (None, (r["from"], opened.signer)), "WrongRequest"),
                (r["seq"] == call.received or event, "Gap"),
                (not own or r["flags"] & SELF, "Replayed"),
                (not wanted or r["ts"] <= now + self.skew, "ClockSkew"),
                (late or fresh or r["ts"] >= now - self.max_age, "Stale"),
                (late or not wanted or r["ts"] + self.skew >= set_by + wanted.started, "Stale")):
            require(right, reason)
        if not call.begun:  # 10
            place = scope, hashlib.sha256(call.version.key.secret).digest(), opened.signer
            memory = self.signed_memory if opened.signer else self.memory
            alive = r["ts"] + self.skew >= set_by + self.born
            if not late:
                require(alive, "Stale", "from before the memory was born")
                memory.check(place, r["from"], r["n"], r["ts"])
            if kept:
                wanted.retained.note_new(opened.signer, opened.token, r["from"], r["n"], r["ts"], late)
            if alive and r["ts"] >= now - memory.age:  # it could come live
                memory.note(place, r["from"], r["n"], r["ts"], now)
        call.sender, call.received = (r["from"], opened.signer), call.received + 1
        counts = event and not late and not own and r["seq"] is not None
        missed = self._missed(r, (call.version.key.secret, opened.signer)) if counts else 0
        return Outcome(record=r, sender=opened.name, missed=missed)

    def _missed(self, r, by):
        """How many events of this sender on this topic are missing (7.2)."""
        place = by, r["from"], r["uri"]
        before = self.highest.get(place, r["seq"])
        self.highest[place] = max(before, r["seq"])
        if len(self.highest) > TOPICS:
            del self.highest[next(iter(self.highest))]
        return max(r["seq"] - before - 1, 0)

    # What a refused invocation is answered with (11.1)

    def _refuse(self, call, reason):
        shows, state = shown(*parted(call.first)), self.ring.find(call.uri)[0] if call.uri else None
        head = [8, 68, call.request, {}]
        if "enc" in shows:
            return [*head, "wampbox.error", [], {"enc": self._refusal(call, reason)}]
        if shows:
            return [*head, NO_CODEC if state in ("plain", "closed") else DECRYPT_ERROR]
        return [*head, NO_CODEC if call.begun and state == "plain" else "wampbox.error.sealed_only"]

    def _refusal(self, call, reason):
        version = call.version and self.ring.current(call.uri, call.version)
        if version and not version.revoked and reason in REFUSAL_REASONS and self._may_tell():
            record = self._record(REFUSAL, "", "", call.token, 0, 0, [reason, self.clock()], None)
            return self._sealed(call, version.key, record, REFUSAL_SIZE - version.key.overhead)
        return self._noise(begins_of(binary(call.first[5]["enc"])) or b"\1" + self.random(16))

    def _noise(self, begins):
        return begins + self.random(REFUSAL_SIZE - len(begins))

    def _may_tell(self):
        told, now = max(self.told, self.ticks() - 1000) + 1000 / REFUSALS, self.ticks()
        self.told = told if told <= now else self.told
        return told <= now


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
