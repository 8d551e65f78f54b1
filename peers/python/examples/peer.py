"""A live peer in our dialect, driven by JSON lines: commands on standard input, what happens on standard output.

The first line joins:  {"do": "join", "url": "ws://...", "realm": "realm1", "serializer": "json" or "cbor", "keys": [...]}
A key has pattern, match, and either secret, or role, private, peer and suite, as text. Without any of them the pattern is plain.
Then come, each with an id of its own, which stands in what is answered:
  publish (topic, args, kwargs, options), subscribe (topic, options), register (procedure, options),
  call (procedure, args, kwargs, options), chunk (call: the id of it, args, kwargs, options),
  yield (invocation, args, kwargs, progress), error (invocation, uri, args, kwargs), leave.
Values have the marks of FORMAT.md, section 16.
"""
import asyncio
import base64
import contextlib
import json
import sys

import cbor2
import websockets

from wampbox import Fault, Key, Ring, Session, key_bytes
from wampbox.vectors.check import mark, unmark

FEATURES = {"progressive_call_results": True, "progressive_call_invocations": True, "call_canceling": True,
            "pattern_based_subscription": True, "pattern_based_registration": True,
            "publisher_exclusion": True, "payload_transparency": True, "payload_encryption_cryptobox": True,
            "payload_passthru_mode": True}


def as_text(value):
    if isinstance(value, bytes):
        return "\0" + base64.b64encode(value).decode()
    raise TypeError(f"JSON has no {type(value).__name__}")


SERIALIZERS = {"json": (lambda m: json.dumps(m, default=as_text), json.loads), "cbor": (cbor2.dumps, cbor2.loads)}


def tell(**what):
    print(json.dumps(mark(what)), flush=True)


def ring_of(entries):
    ring = Ring()
    for e in entries:
        if "secret" in e:
            keys = [Key.shared(key_bytes(e["secret"]))]
        elif "private" in e:
            keys = [Key.pair(e["role"], key_bytes(e["private"]), key_bytes(e["peer"]), e.get("suite", 1))]
        else:
            keys = []
        ring.set(e["pattern"], e.get("match", "exact"), *keys)
    return ring


class Peer:
    def __init__(self, socket, serializer, session):
        self.socket, self.session, self.request = socket, session, 0
        self.dumps, self.loads = SERIALIZERS[serializer]
        self.pending, self.calls, self.subscriptions, self.registrations = {}, {}, {}, {}

    async def send(self, message):
        await self.socket.send(self.dumps(message))

    async def command(self, c):
        do, args, kwargs, options = c["do"], unmark(c.get("args")), unmark(c.get("kwargs")), c.get("options", {})
        self.request += do in ("publish", "subscribe", "register", "call")
        request = self.request
        if do == "publish":
            self.pending[request] = c["id"], "publication", None
            await self.send(self.session.publish(c["topic"], args, kwargs, options | {"acknowledge": True}, request))
        elif do in ("subscribe", "register"):
            uri = c["topic" if do == "subscribe" else "procedure"]
            wanted = self.session.subscribe(uri, options.get("match", "exact"), options.get("get_retained") is True)
            self.pending[request] = c["id"], {"subscribe": "subscription", "register": "registration"}[do], wanted
            await self.send([32 if do == "subscribe" else 64, request, options, uri])
        elif do == "call":
            call, message = self.session.call(c["procedure"], args, kwargs, options, request)
            self.calls[request] = c["id"], call
            await self.send(message)
        elif do == "chunk":
            call = next(call for of, call in self.calls.values() if of == c["call"])
            await self.send(self.session.chunk(call, args, kwargs, options))
        elif do == "yield":
            await self.send(self.session.answer(self.session.invocations[c["invocation"]], args, kwargs, c.get("progress", False)))
        elif do == "error":
            await self.send(self.session.fail(self.session.invocations[c["invocation"]], c["uri"], args, kwargs))
        elif do == "leave":
            await self.send([6, {}, "wamp.close.close_realm"])

    async def received(self, message):
        kind = message[0]
        if kind in (17, 33, 65):
            id, name, wanted = self.pending.pop(message[1])
            {33: self.subscriptions, 65: self.registrations}.get(kind, {})[message[2]] = wanted
            tell(id=id, **{name: message[2]})
        elif kind == 36:
            wanted = self.subscriptions[message[1]]
            self.report(self.session.event(wanted, message), 4, message, subscription=message[1])
        elif kind == 68:
            outcome = self.session.invocation(self.registrations[message[2]], message)
            self.report(outcome, 4, message, invocation=message[1])
            if outcome.answer:
                await self.send(outcome.answer)
        elif kind == 50 or kind == 8 and message[1] == 48:
            await self.answered(message)
        elif kind == 8:
            tell(id=self.pending.pop(message[2])[0], error=message[4])
        return kind not in (3, 6)

    async def answered(self, message):
        request = message[1] if message[0] == 50 else message[2]
        if request not in self.calls:
            return
        id, call = self.calls[request]
        decide, at = (self.session.result, 3) if message[0] == 50 else (self.session.error, 5)
        outcome = decide(call, message)
        more = message[0] == 50 and message[2].get("progress") is True and not outcome.reason
        self.report(outcome, at, message, id=id, what="progress" if more else "result" if message[0] == 50 else "error")
        if not more:
            del self.calls[request]

    @staticmethod
    def report(outcome, at, message, **of):
        details = message[2 if message[0] == 50 else 3]
        if outcome.reason:
            tell(**of, reason=outcome.reason)
        elif outcome.refused:
            tell(**of, refused=outcome.refusal or {})
        elif outcome.record is not None:
            tell(**of, sealed=True, uri=outcome.record["uri"], args=outcome.record["args"], kwargs=outcome.record["kwargs"],
                 missed=outcome.missed, more=details.get("progress") is True)
        else:
            args, kwargs = (outcome.plain + [None, None])[:2]
            tell(**of, sealed=False, uri=message[4] if message[0] == 8 else None, args=args, kwargs=kwargs, missed=0,
                 more=details.get("progress") is True)

    async def commands(self, lines):
        while line := await lines.readline():
            c = json.loads(line)
            try:
                await self.command(c)
            except Fault as fault:
                tell(id=c.get("id"), reason=fault.reason)
            except KeyError as missing:
                tell(id=c.get("id"), missing=str(missing))


async def main():
    lines = asyncio.StreamReader(limit=1 << 26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    join = json.loads(await lines.readline())
    session = Session(ring_of(join["keys"]), join["realm"])
    serializer = join.get("serializer", "json")
    protocol = [websockets.Subprotocol("wamp.2." + serializer)]
    async with websockets.connect(join["url"], subprotocols=protocol, max_size=1 << 26) as socket:
        peer = Peer(socket, serializer, session)
        roles = {role: {"features": FEATURES} for role in ("publisher", "subscriber", "caller", "callee")}
        await peer.send([1, join["realm"], {"roles": roles}])
        welcome = peer.loads(await socket.recv())
        if welcome[0] != 2:
            return tell(aborted=welcome[2])
        tell(joined=welcome[1])
        commands = asyncio.create_task(peer.commands(lines))
        with contextlib.suppress(websockets.ConnectionClosed):
            while await peer.received(peer.loads(await socket.recv())):
                pass
        commands.cancel()


if __name__ == "__main__":
    asyncio.run(main())
