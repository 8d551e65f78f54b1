"""Autobahn|Python sessions that a test drives.

Commands come as JSON objects, one a line, on standard input; answers and
reports go out the same way on standard output. Log and tracebacks go to
standard error. The process ends when standard input closes.

A command has "id" and "op", and all but "join" speak to the session that it
named. An answer repeats the id and has one of "result", "error" (a WAMP error)
or "failed" (text: a defect, not an answer of a peer). "progress" comes before.
Reports have "session" and one of "event", "invocation", "warning" and "left".

Values travel without loss: bytes as {"$bytes_hex": text}, a dict with a key
that is no string or begins with "$" as {"$map": [[key, value], ...]}. A datetime
comes as {"$time": text}, NaN and infinities as {"$float": text}; they never go back.
"""

import importlib.metadata
import json
import os
import platform
import sys
import threading
import traceback
from datetime import datetime

import txaio

txaio.use_twisted()

from autobahn.twisted.wamp import ApplicationRunner, ApplicationSession
from autobahn.wamp.cryptobox import Key, KeyRing
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.serializer import SERID_TO_SER
from autobahn.wamp.types import (
    CallOptions,
    CallResult,
    EncodedPayload,
    PublishOptions,
    RegisterOptions,
    SubscribeOptions,
)
from twisted.internet import reactor, stdio
from twisted.internet.defer import Deferred, inlineCallbacks, maybeDeferred
from twisted.internet.task import deferLater
from twisted.protocols.basic import LineOnlyReceiver

# The keyword that handlers get details under: no application uses it.
DETAILS = "interop_details_"


def plain(value):
    """The value as JSON can carry it."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes_hex": bytes(value).hex()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        if any(not isinstance(k, str) or k.startswith("$") for k in value):
            return {"$map": [[plain(k), plain(v)] for k, v in value.items()]}
        return {k: plain(v) for k, v in value.items()}
    return value


def native(value):
    """The inverse of plain."""
    if isinstance(value, list):
        return [native(item) for item in value]
    if isinstance(value, dict):
        if set(value) == {"$bytes_hex"}:
            return bytes.fromhex(value["$bytes_hex"])
        if set(value) == {"$time"}:
            return datetime.fromisoformat(value["$time"])
        if set(value) == {"$float"}:
            return float(value["$float"])
        if set(value) == {"$map"}:
            return {native(k): native(v) for k, v in value["$map"]}
        return {k: native(v) for k, v in value.items()}
    return value


def received(msg, uri=None, **more):
    """What a message carried, after Autobahn has opened it."""
    kwargs = msg.kwargs
    if kwargs is not None:  # Autobahn puts the details into the message's own
        kwargs = {name: value for name, value in kwargs.items() if name != DETAILS}
    return {
        "uri": uri,
        "args": plain(msg.args),
        "kwargs": plain(kwargs),
        "enc_algo": msg.enc_algo,
        "enc_serializer": msg.enc_serializer,
        "enc_key": msg.enc_key,
        **more,
    }


def wamp_error(exc, msg):
    return {
        "uri": exc.error,
        "args": plain(exc.args),
        "kwargs": plain(exc.kwargs),
        "enc_algo": exc.enc_algo,
        "enc_serializer": getattr(msg, "enc_serializer", None),
        "enc_key": getattr(msg, "enc_key", None),
    }


class NamedKeyRing(KeyRing):
    """A key ring that names its keys in enc_key, which Autobahn's own doesn't."""

    enc_key = None

    def encode(self, is_originating, uri, args=None, kwargs=None):
        sealed = super().encode(is_originating, uri, args, kwargs)
        if sealed is None or not self.enc_key:
            return sealed
        return EncodedPayload(
            sealed.payload, sealed.enc_algo, sealed.enc_serializer, self.enc_key
        )


def key_ring(cmd):
    """The codec for a session, None for one that sends and takes plain payloads."""
    if not cmd.get("keys") and not cmd.get("default_key"):
        return None
    ring = NamedKeyRing(cmd.get("default_key") or None)
    ring.enc_key = cmd.get("enc_key")
    for key in cmd.get("keys") or []:
        parts = {
            name: key[name]
            for name in ("originator_priv", "originator_pub", "responder_priv", "responder_pub")
            if key.get(name)
        }
        ring.set_key(key["uri"], Key(**parts))
    return ring


class Warnings:
    """A session's log, that also reports what Autobahn warns of.

    An event that can't be opened is dropped with a warning and nothing else.
    """

    def __init__(self, log, report):
        self._log = log
        self._report = report

    def __getattr__(self, name):
        method = getattr(self._log, name)
        if name not in ("warn", "error", "failure", "critical"):
            return method

        def reporting(text, **fields):
            try:
                self._report(text.format(**fields))
            except Exception:
                self._report(text)
            return method(text, **fields)

        return reporting


class Session(ApplicationSession):
    """One WAMP session and the commands it understands."""

    def __init__(self, config):
        super().__init__(config)
        self.name = config.extra["name"]
        self.link = config.extra["link"]
        self.joined = config.extra["joined"]
        self.closed = Deferred()
        self.current = None  # the message being handled
        self.log = Warnings(self.log, lambda text: self.report(warning=text))
        self.set_payload_codec(config.extra["codec"])

    def report(self, **what):
        self.link.send({"session": self.name, **what})

    def onMessage(self, msg):
        # Autobahn calls handlers and answers requests while it handles the
        # message, and keeps from them how its payload was encrypted.
        self.current = msg
        try:
            super().onMessage(msg)
        finally:
            self.current = None

    def onJoin(self, details):
        roles = {
            role: {name: on for name, on in vars(features).items() if on is not None and not name.startswith("_")}
            for role, features in self._router_roles.items()
        }
        joined, self.joined = self.joined, None
        joined.callback(
            {
                "session_id": details.session,
                "serializer": details.serializer,
                "roles": plain(roles),
            }
        )

    def onLeave(self, details):
        if self.joined is not None:
            joined, self.joined = self.joined, None
            joined.errback(ApplicationError(details.reason, details.message))
        self.report(left={"reason": details.reason, "message": details.message})
        self.disconnect()

    def onDisconnect(self):
        if self.joined is not None:
            joined, self.joined = self.joined, None
            joined.errback(Exception("the connection was lost before WELCOME"))
        if not self.closed.called:
            self.closed.callback(None)

    # Commands

    def op_leave(self, _cmd):
        if self.is_attached():
            self.leave()
        elif self.is_connected():
            self.disconnect()
        return self.closed.addCallback(lambda _: {})

    @inlineCallbacks
    def op_register(self, cmd):
        behaviour = native(cmd["behaviour"])
        act = getattr(self, "act_" + behaviour["kind"])

        def endpoint(*args, **kwargs):
            details = kwargs.pop(DETAILS)
            self.report(
                invocation=received(
                    self.current, uri=details.procedure, caller=details.caller
                )
            )
            return act(behaviour, args, kwargs, details)

        options = RegisterOptions(details_arg=DETAILS, match=cmd.get("match"))
        registration = yield self.register(endpoint, cmd["procedure"], options=options)
        return {"registration": registration.id}

    @inlineCallbacks
    def op_subscribe(self, cmd):
        def handler(*_args, **kwargs):
            details = kwargs.pop(DETAILS)
            self.report(
                event=received(
                    self.current,
                    uri=details.topic,
                    publication=details.publication,
                    publisher=details.publisher,
                    retained=details.retained,
                )
            )

        options = SubscribeOptions(
            details_arg=DETAILS, match=cmd.get("match"), get_retained=cmd.get("get_retained")
        )
        subscription = yield self.subscribe(handler, cmd["topic"], options=options)
        return {"subscription": subscription.id}

    @inlineCallbacks
    def op_publish(self, cmd):
        options = PublishOptions(**{"acknowledge": True, **(cmd.get("options") or {})})
        publication = yield self.publish(
            cmd["topic"],
            *native(cmd.get("args") or []),
            options=options,
            **native(cmd.get("kwargs") or {}),
        )
        if publication is None:
            return {}
        return {"publication": publication.id, "was_encrypted": publication.was_encrypted}

    @inlineCallbacks
    def op_call(self, cmd):
        def on_progress(*_args, **_kwargs):
            self.link.send({"id": cmd["id"], "progress": received(self.current)})

        options = CallOptions(
            on_progress=on_progress if cmd.get("progress") else None,
            timeout=cmd.get("timeout"),
        )
        yield self.call(
            cmd["procedure"],
            *native(cmd.get("args") or []),
            options=options,
            **native(cmd.get("kwargs") or {}),
        )
        return received(self.current)

    # Behaviours of procedures

    def act_echo(self, _behaviour, args, kwargs, _details):
        return CallResult(*args, **kwargs)

    def act_add2(self, _behaviour, args, _kwargs, _details):
        return args[0] + args[1]

    def act_return(self, behaviour, _args, _kwargs, _details):
        return CallResult(*(behaviour.get("args") or []), **(behaviour.get("kwargs") or {}))

    def act_raise(self, behaviour, _args, _kwargs, _details):
        raise ApplicationError(
            behaviour["error"], *(behaviour.get("args") or []), **(behaviour.get("kwargs") or {})
        )

    @inlineCallbacks
    def act_slow(self, behaviour, args, kwargs, _details):
        yield deferLater(reactor, behaviour["seconds"])
        return CallResult(*args, **kwargs)

    @inlineCallbacks
    def act_progress(self, behaviour, _args, _kwargs, details):
        for chunk in behaviour.get("chunks") or []:
            if details.progress is not None:
                details.progress(*(chunk.get("args") or []), **(chunk.get("kwargs") or {}))
            if behaviour.get("seconds"):
                yield deferLater(reactor, behaviour["seconds"])
        if behaviour.get("error"):
            return self.act_raise(behaviour, None, None, None)
        return self.act_return(behaviour, None, None, None)


class Link(LineOnlyReceiver):
    """The line to the test."""

    delimiter = b"\n"
    MAX_LENGTH = 64 << 20

    def __init__(self):
        self.sessions = {}

    def connectionMade(self):
        versions = {name: importlib.metadata.version(name) for name in ("crossbar", "autobahn")}
        self.send({"versions": {"python": platform.python_version(), **versions}})

    def send(self, what):
        self.sendLine(json.dumps(what, allow_nan=False).encode("ascii"))

    def lineReceived(self, line):
        cmd = json.loads(line)
        done = maybeDeferred(self.run, cmd)
        done.addCallbacks(
            lambda result: self.send({"id": cmd["id"], "result": result}),
            lambda failure: self.failed(cmd, failure),
        )
        done.addErrback(lambda failure: self.send({"id": cmd["id"], "failed": failure.getTraceback()}))

    def failed(self, cmd, failure):
        if isinstance(failure.value, ApplicationError):
            session = self.sessions.get(cmd["session"])
            msg = session.current if session else None
            self.send({"id": cmd["id"], "error": wamp_error(failure.value, msg)})
        else:
            self.send({"id": cmd["id"], "failed": failure.getTraceback()})

    def run(self, cmd):
        if cmd["op"] == "join":
            return self.join(cmd)
        return getattr(self.sessions[cmd["session"]], "op_" + cmd["op"])(cmd)

    def join(self, cmd):
        joined = Deferred()
        extra = {"name": cmd["session"], "link": self, "joined": joined, "codec": key_ring(cmd)}

        def make(config):
            self.sessions[cmd["session"]] = Session(config)
            return self.sessions[cmd["session"]]

        runner = ApplicationRunner(
            cmd["url"],
            cmd["realm"],
            extra=extra,
            serializers=[SERID_TO_SER[cmd["serializer"]]()],
        )
        connecting = runner.run(make, start_reactor=False)
        connecting.addErrback(lambda failure: joined.called or joined.errback(failure))
        return joined

    def connectionLost(self, reason):
        # Sessions say goodbye as the reactor stops; a router that is gone must
        # not keep the process.
        end = threading.Timer(3, os._exit, [0])
        end.daemon = True
        end.start()
        if reactor.running:
            reactor.stop()


def main():
    # Only the link writes to standard output: whatever else prints goes to
    # standard error.
    out = os.dup(1)
    os.dup2(2, 1)
    txaio.config.loop = reactor
    txaio.start_logging(out=sys.stderr, level="info")
    stdio.StandardIO(Link(), stdout=out)
    reactor.run()


if __name__ == "__main__":
    try:
        main()
    except Exception:
        traceback.print_exc()
        sys.exit(1)
