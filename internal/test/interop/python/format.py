"""The Python implementation of docs/FORMAT.md, driven by a test.

Commands come as JSON objects, one a line, on standard input; answers go out the
same way on standard output, in order. The process ends when standard input
closes. A command has "id" and "op"; an answer repeats the id and has "result",
or "failed" (text: a defect, not a refusal).

The ops "vector", "key_text" and "padme" are for the vectors. With the others a
peer talks to a Session. Both are given and give messages as they are on the
wire; what stands between them, and turns a CALL into an INVOCATION, is here.

Values travel without loss: bytes as {"$bytes_hex": text}.
"""

import base64
import json
import platform
import sys
import traceback

import cbor2
import msgpack

from wampbox import vectors
from wampbox.calls import Asked, Call
from wampbox.keys import Key, parse_key
from wampbox.patterns import Keyring
from wampbox.reasons import Refused
from wampbox.record import padme
from wampbox.session import Session

# The numbers of WAMP's messages.
ERROR, PUBLISH, EVENT, CALL, RESULT, INVOCATION, YIELD = 8, 16, 36, 48, 50, 68, 70


def plain(value):
    """The value as JSON can carry it."""
    if isinstance(value, bytes):
        return {"$bytes_hex": value.hex()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


def native(value):
    """The inverse of plain."""
    if isinstance(value, list):
        return [native(item) for item in value]
    if isinstance(value, dict):
        if set(value) == {"$bytes_hex"}:
            return bytes.fromhex(value["$bytes_hex"])
        return {name: native(item) for name, item in value.items()}
    return value


def json_bytes(value):
    """What bytes are in a message in JSON."""
    return "\0" + base64.b64encode(value).decode()


def encode(wire, message):
    if wire == "json":
        return json.dumps(message, default=json_bytes, ensure_ascii=False).encode()
    if wire == "cbor":
        return cbor2.dumps(message)
    return msgpack.packb(message, use_bin_type=True)


def decode(wire, data):
    if wire == "json":
        return json.loads(data)
    if wire == "cbor":
        return cbor2.loads(data)
    return msgpack.unpackb(data)


def kind_of(message):
    """What a message that a Session sent is for, as its router sees it."""
    if message[0] == CALL:
        return "call_progress" if message[2].get("progress") is True else "call"
    if message[0] == YIELD:
        return "progress" if message[2].get("progress") is True else "result"
    return {PUBLISH: "publish", ERROR: "error"}[message[0]]


def forwarded(options, kind, first=True):
    """Details as a router makes them of options.

    Routers repeat what ppt has in the options on the first INVOCATION only.
    """
    prefixes = ("enc_", "ppt_") if first else ("enc_",)
    details = {name: v for name, v in options.items() if name.startswith(prefixes)}
    if kind in ("progress", "call_progress"):
        details["progress"] = True
    return details


def key_from(cmd):
    if cmd["algorithm"] == "cryptobox":
        return Key.box(cmd["role"], parse_key(cmd["private"]), parse_key(cmd["public"]))
    return Key(cmd["algorithm"], parse_key(cmd["shared"]), cmd["key_id"])


class Peer:
    """A party that holds one key, and its end of all calls."""

    def __init__(self, cmd):
        ring = Keyring()
        ring.set("prefix", cmd["prefix"], [key_from(cmd)])
        self.session = Session(
            cmd["realm"],
            cmd["framing"],
            ring,
            cmd["serializer"],
            padded=cmd["padded"],
        )
        self.wire = cmd["wire"]
        self.since = self.session.clock()
        self.served = {}  # calls of the other end, by request
        self.made = {}  # our own

    def op_take(self, cmd):
        """Opens what a Session sent.

        "as" is the kind it is delivered as, "uri" and "request" are what it is
        delivered for, if not what it was sent as and for.
        """
        message = decode(self.wire, bytes.fromhex(cmd["message"]))
        kind = cmd.get("as") or kind_of(message)
        request = cmd.get("request") or message[2 if kind == "error" else 1]
        answer = {"kind": kind, "request": request}
        try:
            opened = self.open(kind, message, request, cmd.get("uri"))
        except Refused as refusal:
            return {**answer, "refused": refusal.reason}
        received = {"uri": opened.uri, "args": opened.args, "kwargs": opened.kwargs}
        return {**answer, "sealed": opened.sealed, "opened": plain(received)}

    def open(self, kind, message, request, uri):
        if kind == "error":
            details = forwarded(message[3], kind)
            error = uri or message[4]
            return self.session.error(self.made[request], details, error, message[5:])
        if kind in ("progress", "result"):
            details = forwarded(message[2], kind)
            return self.session.result(self.made[request], details, message[3:])
        asked, parts = Asked(uri or message[3], since=self.since), message[4:]
        if kind == "publish":
            return self.session.event(asked, forwarded(message[2], kind), parts)
        call = self.served.get(request)
        details = forwarded(message[2], kind, first=call is None)
        opened, call = self.session.invocation(asked, details, parts, call)
        self.served[request] = call
        return opened

    def op_publish(self, cmd):
        """An EVENT, for the subscription with the number "to"."""
        options, parts = self.session.publish(cmd["uri"], *payload(cmd))
        return self.message(
            EVENT, cmd["to"], cmd["request"], forwarded(options, "publish"), *parts
        )

    def op_call(self, cmd):
        """An INVOCATION, for the registration with the number "to"."""
        request, more = cmd["request"], cmd["more"]
        first = request not in self.made
        call = self.made.setdefault(request, Call(cmd["uri"]))
        options, parts = self.session.call(call, *payload(cmd), more)
        kind = "call_progress" if more else "call"
        details = {"receive_progress": True, **forwarded(options, kind, first)}
        return self.message(INVOCATION, request, cmd["to"], details, *parts)

    def op_answer(self, cmd):
        """A RESULT, or the ERROR of a call, to the call with the number "request"."""
        request, kind, error = cmd["request"], cmd["kind"], cmd["error"]
        call = self.served[request]
        options, parts = self.session.answer(call, kind, *payload(cmd), error)
        details = forwarded(options, kind)
        if kind == "error":
            return self.message(ERROR, CALL, request, details, error, *parts)
        return self.message(RESULT, request, details, *parts)

    def message(self, *elements):
        return encode(self.wire, list(elements)).hex()


def payload(cmd):
    return native(cmd["args"]), native(cmd["kwargs"])


class Link:
    """The line to the test."""

    def __init__(self, out):
        self.out = out
        self.peers = {}
        self.header = None

    def send(self, what):
        self.out.write(json.dumps(what, allow_nan=False) + "\n")
        self.out.flush()

    def serve(self, lines):
        self.send({"versions": {"python": platform.python_version()}})
        for line in lines:
            cmd = json.loads(line)
            try:
                self.send({"id": cmd["id"], "result": self.run(cmd)})
            except Exception:
                self.send({"id": cmd["id"], "failed": traceback.format_exc()})

    def run(self, cmd):
        if "session" in cmd and cmd["op"] != "join":
            return getattr(self.peers[cmd["session"]], "op_" + cmd["op"])(cmd)
        return getattr(self, "op_" + cmd["op"])(cmd)

    def op_join(self, cmd):
        self.peers[cmd["session"]] = Peer(cmd)
        return {}

    def op_vector(self, cmd):
        return vectors.run(cmd["header"], cmd["vector"])

    def op_key_text(self, cmd):
        return vectors.judge_key(cmd["kind"], cmd["text"])

    def op_padme(self, cmd):
        return padme(cmd["size"])


if __name__ == "__main__":
    Link(sys.stdout).serve(sys.stdin)
