"""What is sent (FORMAT.md, 8, 11 and 12.3): each method gives the WAMP message to send, or raises a Fault and sends nothing."""
from .envelope import lay_out
from .foreign import write_foreign
from .keys import ANSWERS, MESSAGES, ORIGINATOR, RESPONDER
from .receiver import Exchange, Receiver
from .record import CALL, CALL_PROGRESS, ERROR, KEEP, PROGRESS, PUBLISH, RESULT, SELF, padme, write_record
from .values import Fault

UNCOUNTED = ("eligible", "eligible_authid", "eligible_authrole", "exclude", "exclude_authid", "exclude_authrole")
TOPICS = 10_000


class Session(Receiver):
    """Seals and opens for one WAMP session. Pad is the size to pad to, a function of the least size, or None."""

    def __init__(self, *args, pad=padme, **kwargs):
        super().__init__(*args, **kwargs)
        self.pad, self.published = pad, {}

    def publish(self, topic, args=None, kwargs=None, options=None, request=1):
        options = self._options(options, topic)
        version = self._version(topic)
        if version is None:
            return [16, request, options, topic, *plain(args, kwargs)]
        flags = SELF * (options.get("exclude_me") is False) | KEEP * (options.get("retain") is True)
        counted = not any(name in options for name in UNCOUNTED) and (topic in self.published or len(self.published) < TOPICS)
        seq = self.published.get(topic, 0) if counted else None
        extra, rest, _ = self._seal(version, PUBLISH, topic, None, seq, flags, args, kwargs)
        if counted:
            self.published[topic] = seq + 1
        return [16, request, options | extra, topic, *rest]

    def call(self, procedure, args=None, kwargs=None, options=None, request=1):
        """The call, for what is received for it, and its CALL. With the option progress, chunks follow."""
        if procedure == "wamp.session.add_testament" and self.ring.find((args or [""])[0])[0] != "plain":
            raise Fault("NoKey", "the router publishes testaments plain")
        call = Exchange(request, procedure, self._version(procedure))
        return call, self.chunk(call, args, kwargs, options)

    def chunk(self, call, args=None, kwargs=None, options=None):
        options = self._options(options, call.uri)
        if call.version is None:
            return [48, call.request, options, call.uri, *plain(args, kwargs)]
        kind = CALL_PROGRESS if options.get("progress") is True else CALL
        extra, rest, token = self._seal(call.version, kind, call.uri, call.token, call.sent, 0, args, kwargs)
        call.token, call.sent = call.token or token, call.sent + 1
        return [48, call.request, options | extra, call.uri, *rest]

    def answer(self, call, args=None, kwargs=None, progress=False):
        """YIELD, or ERROR if the result can't be sealed."""
        options = {"progress": True} if progress else {}
        try:
            if call.version is None:
                extra, rest = {}, plain(args, kwargs)
            else:
                kind = PROGRESS if progress else RESULT
                extra, rest, _ = self._seal(call.version, kind, call.uri, call.token, call.sent, 0, args, kwargs)
        except Fault:
            return self.fail(call, "wamp.error.runtime_error")
        call.sent += 1
        self._ended(call, progress)
        return [70, call.request, options | extra, *rest]

    def fail(self, call, uri, args=None, kwargs=None):
        """ERROR, for an error that a handler raised."""
        self._ended(call, False)
        if uri.startswith("wampbox.error") or not uri:
            uri, args, kwargs = "wamp.error.runtime_error", None, None
        if call.version is None or call.version.key.dialect != "wampbox":
            return self._foreign_fail(call, uri, args, kwargs)
        for a, k in ((args, kwargs), (None, None)):
            try:
                _, rest, _ = self._seal(call.version, ERROR, uri, call.token, call.sent, 0, a, k)
                break
            except Fault:
                begins = call.version.key.suite.to_bytes() + call.version.key.id
                rest = [[], {"enc": begins + self.random(256 - len(begins))}]
        return [8, 68, call.request, {}, "wampbox.error", *rest]

    def _foreign_fail(self, call, uri, args, kwargs):
        state, entry = self.ring.find(uri)
        if call.version is None and (state != "keyed" or self.clock() < entry.until):
            return [8, 68, call.request, {}, uri, *plain(args, kwargs)]
        dialect = call.version.key.dialect if call.version else "autobahn"
        try:
            version = self._version(uri, RESPONDER) if state == "keyed" else None
            if version and version.key.dialect == dialect:
                extra, rest, _ = self._seal(version, ERROR, uri, None, 0, 0, args, kwargs)
                return [8, 68, call.request, extra, uri, *rest]
        except Fault:
            pass
        return [8, 68, call.request, {}, uri]

    def _ended(self, call, more):
        if not more:
            self.invocations.pop(call.request, None)

    def _options(self, options, uri):
        if uri.startswith("wampbox.error") or any(str(name).startswith(("enc_", "ppt_")) for name in options or {}):
            raise Fault("ReservedOption", "use another name")
        return dict(options or {})

    def _version(self, uri, role=ORIGINATOR):
        """The version that seals for a URI, or None if it goes plain."""
        state, entry = self.ring.find(uri)
        now = self.clock()
        if state == "plain" or state == "keyed" and entry.send_plain and now < entry.until:
            return None
        if state == "closed":
            raise Fault("NoKey", "set a key for the URI, or say that it is plain")
        version = entry.sealing(now)
        if role not in version.key.roles:
            raise Fault("WrongRole", f"this key can't seal as {role}")
        return version

    def _seal(self, version, kind, uri, token, seq, flags, args, kwargs):
        """What goes into the options, what stands in place of the payload, and the token."""
        key = version.key
        if version.revoked:
            raise Fault("NoKey", "the version was revoked")
        if key.dialect == "wampbox":
            record = write_record(self._stamp(kind, self.realm, uri, token, seq, flags, args, kwargs), self.pad)
        elif key.dialect == "autobahn" and kind == PROGRESS:
            record = write_foreign(key.dialect, uri, args or [], kwargs or {})
        else:
            record = write_foreign(key.dialect, uri, args, kwargs)
        payload = key.seal(MESSAGES if kind <= CALL_PROGRESS else ANSWERS, record, self.random(key.nonce_size))
        return *lay_out(key, payload), key.token(payload)


def plain(args, kwargs):
    if kwargs and "enc" in kwargs:
        raise Fault("ReservedOption", "name the keyword argument something else than enc")
    return [list(args or []), dict(kwargs or {})]
