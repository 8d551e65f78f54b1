"""A live peer, driven by JSON lines: commands on standard input, what happens on standard output.

The first joins: {"do": "join", "url": "ws://...", "realm": ..., "serializer": "json" or "cbor", "keys": []}
A key has pattern, match, and secret; or role, private, peer and suite; or suite 4 or 5, what the party has of sign,
seal and read, as text with a type, senders and answerers as lists of a name and a key, any_answerer, signed_once; or
nothing, which makes it plain. Beside it may be allow_unsigned, a date, and versions: more keys, each behind the one
before, which the last of them seals with.
Then come, each with an id of its own, which stands in what is answered:
  publish (topic, args, kwargs, options), subscribe (topic, options), register (procedure, options),
  call (procedure, args, kwargs, options), chunk (call: the id of it, args, kwargs, options),
  yield (invocation, args, kwargs, progress), error (invocation, uri, args, kwargs), leave.
Values have the marks of FORMAT.md, section 16.
"""
import asyncio
import contextlib
import json
import sys
from functools import partial

import cbor2
import websockets

from wampbox import Fault, Key, Ring, Session, SignedKey, Version, key_bytes
from wampbox.keys import json_text
from wampbox.session import parted
from wampbox.signed import SIZES, TYPES, typed_bytes
from wampbox.vectors.check import mark, unmark

FEATURES = dict.fromkeys("""progressive_call_results progressive_call_invocations call_canceling
    pattern_based_subscription pattern_based_registration publisher_exclusion payload_transparency
    payload_encryption_cryptobox payload_passthru_mode""".split(), True)
ROLES = dict.fromkeys(("publisher", "subscriber", "caller", "callee"), {"features": FEATURES})
JSON = partial(json.dumps, default=json_text), json.loads
SERIALIZERS = {"json": JSON, "cbor": (cbor2.dumps, cbor2.loads)}
DONE = {17: "publication", 33: "subscription", 65: "registration"}


def tell(**what):
    print(json.dumps(mark(what)), flush=True)


def key_of(e):
    """The key that an entry has, if any."""
    if e.get("suite") in TYPES:
        kind, size = TYPES[e["suite"]], SIZES[e["suite"]]
        kinds = {"sign": ("ed25519",), "seal": (kind, size), "read": (kind,)}
        own = [typed_bytes(e[name], *of) if name in e else None for name, of in kinds.items()]
        lists = [{typed_bytes(k, "ed25519"): name for name, k in e.get(of, ())} for of in ("senders", "answerers")]
        return [SignedKey(e["suite"], *own, *lists, e.get("any_answerer", False), e.get("signed_once", False))]
    secret, private, peer = (name in e and key_bytes(e[name]) for name in ("secret", "private", "peer"))
    if secret:
        return [Key.shared(secret)]
    return [Key.pair(e["role"], private, peer, e.get("suite", 1))] if private else []


def ring_of(entries):
    ring = Ring()
    for e in entries:
        keys = [key for version in (e, *e.get("versions", ())) for key in key_of(version)]
        versions = [Version(key, active) for active, key in enumerate(keys)]
        ring.set(e["pattern"], e.get("match", "exact"), *versions, allow_unsigned=e.get("allow_unsigned", 0))
    return ring


class Peer:
    def __init__(self, socket, serializer, session):
        self.socket, self.session, self.request = socket, session, 0
        self.dumps, self.loads = SERIALIZERS[serializer]
        self.pending, self.calls, self.wanted = {}, {}, {}

    def command(self, do, id=None, args=None, kwargs=None, options=None, topic=None, procedure=None, **of):
        """The message that does what a line says."""
        s, args, kwargs, options = self.session, unmark(args), unmark(kwargs), options or {}
        self.request += 1
        request, match = self.request, options.get("match", "exact")
        if do == "publish":
            self.pending[request] = id, None
            return s.publish(topic, args, kwargs, options | {"acknowledge": True}, request)
        if do in ("subscribe", "register"):
            kept = options.get("get_retained") is True
            wanted = s.subscribe(topic, match, kept) if topic else s.register(procedure, match)
            self.pending[request] = id, wanted
            return [32 if topic else 64, request, options, topic or procedure]
        if do == "call":
            call, message = s.call(procedure, args, kwargs, options, request)
            self.calls[request] = id, call
            return message
        if do == "chunk":
            call = next(call for began, call in self.calls.values() if began == of["call"])
            return s.chunk(call, args, kwargs, options)
        call = s.invocations[of["invocation"]]
        if do == "yield":
            return s.answer(call, args, kwargs, of.get("progress", False))
        return s.fail(call, of["uri"], args, kwargs)

    async def received(self, message):
        match message:
            case [17 | 33 | 65 as done, request, number]:
                id, self.wanted[done, number] = self.pending.pop(request)
                tell(id=id, **{DONE[done]: number})
            case [36, subscription, *_]:
                self.decide(message, self.wanted[33, subscription], subscription=subscription)
            case [68, invocation, registration, *_]:
                outcome = self.decide(message, self.wanted[65, registration], invocation=invocation)
                if outcome.answer:
                    await self.socket.send(self.dumps(outcome.answer))
            case [50, request, *_] | [8, 48, request, *_] if request in self.calls:
                id, call = self.calls[request]
                more = message[0] == 50 and message[2].get("progress") is True
                what = "error" if message[0] == 8 else "progress" if more else "result"
                if self.decide(message, call, id=id, what=what).reason or not more:
                    del self.calls[request]
            case [8, _, request, _, uri, *_] if request in self.pending:
                tell(id=self.pending.pop(request)[0], error=uri)

    def decide(self, message, of, **about):
        outcome = self.session.receive(of, message)
        if outcome.reason:
            tell(**about, reason=outcome.reason)
        elif outcome.refused:
            tell(**about, refused=outcome.refusal or {})
        else:
            args, kwargs = (*(outcome.plain or []), None, None)[:2]
            plain = {"uri": message[4] if message[0] == 8 else None, "args": args, "kwargs": kwargs}
            got = {name: (outcome.record or plain)[name] for name in plain}
            tell(**about, **got, sealed=outcome.record is not None, sender=outcome.sender, missed=outcome.missed,
                 more=parted(message)[0].get("progress") is True)
        return outcome

    async def commands(self, lines):
        while (line := json.loads(await lines.readline() or "null")) and line["do"] != "leave":
            try:
                await self.socket.send(self.dumps(self.command(**line)))
            except (Fault, KeyError) as fault:
                tell(id=line.get("id"), reason=getattr(fault, "reason", f"no {fault}"))
        await self.socket.send(self.dumps([6, {}, "wamp.close.close_realm"]))


async def main():
    lines = asyncio.StreamReader(limit=1 << 26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    join = json.loads(await lines.readline())
    serializer = join.get("serializer", "json")
    protocols = [websockets.Subprotocol("wamp.2." + serializer)]
    async with websockets.connect(join["url"], subprotocols=protocols, max_size=1 << 26) as socket:
        peer = Peer(socket, serializer, Session(ring_of(join["keys"]), join["realm"]))
        await socket.send(peer.dumps([1, join["realm"], {"roles": ROLES}]))
        welcome = peer.loads(await socket.recv())
        if welcome[0] != 2:
            return tell(aborted=welcome[2])
        tell(joined=welcome[1])
        commands = asyncio.create_task(peer.commands(lines))
        with contextlib.suppress(websockets.ConnectionClosed):
            while (message := peer.loads(await socket.recv()))[0] not in (3, 6):
                await peer.received(message)
        commands.cancel()


if __name__ == "__main__":
    asyncio.run(main())
