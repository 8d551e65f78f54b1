"""What is sent (FORMAT.md, 8, 11.2, 12.3): each method gives the WAMP message, or raises a Fault and sends nothing."""
from .cbor import Fault, require
from .envelope import lay_out
from .keys import ANSWERS, MESSAGES, ORIGINATOR, RESPONDER
from .receiver import Exchange, Receiver
from .record import CALL, CALL_PROGRESS, ERROR, KEEP, PROGRESS, PUBLISH, RESULT, SELF
from .record import padme, write_foreign, write_record

UNCOUNTED = {"eligible", "eligible_authid", "eligible_authrole", "exclude", "exclude_authid", "exclude_authrole"}
TOPICS = 10_000


class Session(Receiver):
    """Seals and opens for one WAMP session. Pad is the size to pad to, a function of the least size, or None."""

    def __init__(self, *args, pad=padme, **kwargs):
        super().__init__(*args, **kwargs)
        self.pad, self.published = pad, {}

    def publish(self, topic, args=None, kwargs=None, options=None, request=1):
        options, event = self._options(options, topic), Exchange(request, topic, self._version(topic))
        counted = not UNCOUNTED & options.keys() and (topic in self.published or len(self.published) < TOPICS)
        event.sent = self.published.get(topic, 0) if counted else None
        flags = SELF * (options.get("exclude_me") is False) | KEEP * (options.get("retain") is True)
        extra, rest, _ = self._laid_out(event, PUBLISH, args, kwargs, flags)
        if counted and event.version:
            self.published[topic] = event.sent + 1
        return [16, request, options | extra, topic, *rest]

    def call(self, procedure, args=None, kwargs=None, options=None, request=1):
        """The call, for what is received for it, and its CALL. With the option progress, chunks follow."""
        if procedure == "wamp.session.add_testament":
            plain = self.ring.find((args or [""])[0])[0] == "plain"
            require(plain, "NoKey", "the router publishes testaments plain")
        call = Exchange(request, procedure, self._version(procedure))
        return call, self.chunk(call, args, kwargs, options)

    def chunk(self, call, args=None, kwargs=None, options=None):
        options = self._options(options, call.uri)
        kind = CALL_PROGRESS if options.get("progress") is True else CALL
        extra, rest, token = self._laid_out(call, kind, args, kwargs)
        call.token, call.sent = call.token or token, call.sent + 1
        return [48, call.request, options | extra, call.uri, *rest]

    def answer(self, call, args=None, kwargs=None, progress=False):
        """YIELD, or ERROR if the result can't be sealed."""
        try:
            extra, rest, _ = self._laid_out(call, PROGRESS if progress else RESULT, args, kwargs)
        except Fault:
            return self.fail(call, "wamp.error.runtime_error")
        call.sent += 1
        if not progress:
            self.invocations.pop(call.request, None)
        return [70, call.request, {"progress": True} | extra if progress else extra, *rest]

    def fail(self, call, uri, args=None, kwargs=None):
        """ERROR, for an error that a handler raised."""
        self.invocations.pop(call.request, None)
        if uri.startswith("wampbox.error") or not uri:
            uri, args, kwargs = "wamp.error.runtime_error", None, None
        if call.version and call.version.key.dialect == "wampbox":
            return [8, 68, call.request, {}, "wampbox.error", [], {"enc": self._sealed_error(call, uri, args, kwargs)}]
        state, entry = self.ring.find(uri)
        if not call.version and (state != "keyed" or self.clock() < entry.until):
            return [8, 68, call.request, {}, uri, *plain(args, kwargs)]
        try:
            error = Exchange(call.request, uri, self._version(uri, RESPONDER))
            dialect = call.version.key.dialect if call.version else "autobahn"
            require(error.version and error.version.key.dialect == dialect, "NoKey")
            extra, rest, _ = self._laid_out(error, ERROR, args, kwargs)
            return [8, 68, call.request, extra, uri, *rest]
        except Fault:
            return [8, 68, call.request, {}, uri]

    def _sealed_error(self, call, uri, args, kwargs):
        """With its arguments, or without those if they can't be sealed, or a random one if nothing may be."""
        error = Exchange(call.request, uri, call.version, call.token, sent=call.sent)
        for given in ((args, kwargs), (None, None)):
            try:
                return self._laid_out(error, ERROR, *given)[1][1]["enc"]
            except Fault:
                pass
        return call.version.key.begins + self.random(256 - 17)

    def _options(self, options, uri):
        reserved = uri.startswith("wampbox.error") or any(str(n).startswith(("enc_", "ppt_")) for n in options or {})
        require(not reserved, "ReservedOption", "use another name")
        return dict(options or {})

    def _version(self, uri, role=ORIGINATOR):
        """The version that seals for a URI, or None if it goes plain."""
        now, (state, entry) = self.clock(), self.ring.find(uri)
        if state == "plain" or state == "keyed" and entry.send_plain and now < entry.until:
            return None
        version = entry.sealing(now)
        require(version and version.opens(now), "NoKey", "set a key for the URI, or say that it is plain")
        require(role in version.key.roles, "WrongRole", f"this key can't seal as {role}")
        return version

    def _laid_out(self, exchange, kind, args, kwargs, flags=0):
        """What goes into the options, what stands in place of the payload, and the token."""
        version, uri = exchange.version, exchange.uri
        if version is None:
            return {}, plain(args, kwargs), None
        require(not version.revoked, "NoKey", "the version was revoked")
        key = version.key
        if key.dialect == "wampbox":
            items = self.realm, uri, exchange.token, exchange.sent, flags, args, kwargs
            record = write_record(self._stamp(kind, *items), self.pad)
        elif key.dialect == "autobahn" and kind == PROGRESS:
            record = write_foreign(key.dialect, uri, args or [], kwargs or {})
        else:
            record = write_foreign(key.dialect, uri, args, kwargs)
        payload = key.seal(MESSAGES if kind <= CALL_PROGRESS else ANSWERS, record, self.random(key.nonce_size))
        return *lay_out(key, payload), key.token(payload)


def plain(args, kwargs):
    require(not kwargs or "enc" not in kwargs, "ReservedOption", "no keyword argument may be named enc")
    return [list(args or []), dict(kwargs or {})]
