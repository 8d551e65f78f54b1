"""Two live peers, over a router of a few lines that converts between JSON and CBOR."""
import base64
import contextlib
import json
import pathlib
import subprocess
import sys
import threading

import cbor2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from wampbox.signed import KEMS, typed_text, verify_key

ROOT = pathlib.Path(__file__).parents[1]
KEYS = json.loads((ROOT / "tests" / "data" / "format2_examples.json").read_text())["keys"]


def bytes_as_text(value):
    return "\0" + base64.b64encode(value).decode()


class Router:
    """One realm, exact URIs, one subscriber and callee for each, one call at a time for each caller."""

    def __init__(self):
        self.subscribers, self.callees, self.calls, self.number = {}, {}, {}, 0
        self.lock = threading.Lock()
        self.server = serve(self.connected, "127.0.0.1", 0, subprotocols=["wamp.2.json", "wamp.2.cbor"])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"ws://127.0.0.1:{self.server.socket.getsockname()[1]}"

    @staticmethod
    def send(socket, message):
        binary = socket.subprotocol.endswith("cbor")
        socket.send(cbor2.dumps(message) if binary else json.dumps(message, default=bytes_as_text))

    def connected(self, socket):
        with contextlib.suppress(ConnectionClosed):
            for data in socket:
                with self.lock:
                    self.received(socket, (cbor2.loads if isinstance(data, bytes) else json.loads)(data))

    def received(self, socket, m):
        self.number += 1
        if m[0] == 1:
            self.send(socket, [2, self.number, {}])
        elif m[0] == 6:
            self.send(socket, [6, {}, "wamp.close.goodbye_and_out"])
        elif m[0] == 32:
            self.subscribers[m[3]] = socket, self.number
            self.send(socket, [33, m[1], self.number])
        elif m[0] == 64:
            self.callees[m[3]] = socket, self.number
            self.send(socket, [65, m[1], self.number])
        elif m[0] == 16:
            self.send(socket, [17, m[1], self.number])
            if m[3] in self.subscribers:
                to, id = self.subscribers[m[3]]
                self.send(to, [36, id, self.number, {}, *m[4:]])
        elif m[0] == 48:
            to, id = self.callees[m[3]]
            self.calls[m[1]] = socket
            self.send(to, [68, m[1], id, {k: v for k, v in m[2].items() if k == "progress"}, *m[4:]])
        elif m[0] == 70:
            self.send(self.calls[m[1]], [50, m[1], m[2], *m[3:]])
        elif m[0] == 8:
            self.send(self.calls[m[2]], [8, 48, *m[2:]])


class Process:
    def __init__(self, url, role, serializer, suite, key=None):
        other = "responder" if role == "originator" else "originator"
        pair = {"role": role, "private": KEYS[role + "_private"], "peer": KEYS[other + "_public"], "suite": suite}
        self.process = subprocess.Popen([sys.executable, ROOT / "examples" / "peer.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env={"PYTHONPATH": str(ROOT)})
        keys = [{"pattern": "com.x.", "match": "prefix"} | (pair if key is None else key), {"pattern": "com.plain"}]
        assert "joined" in self.do(do="join", url=url, realm="realm1", serializer=serializer, keys=keys)

    def tell(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def heard(self):
        return json.loads(self.process.stdout.readline())

    def do(self, **command):
        self.tell(**command)
        return self.heard()

    def leave(self):
        self.tell(do="leave")
        assert self.process.wait(10) == 0
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def url():
    router = Router()
    yield router.url
    router.server.shutdown()


@pytest.mark.parametrize("serializers, suite", [(("json", "cbor"), 1), (("cbor", "json"), 2), (("json", "json"), 2)])
def test_events_and_calls(url, serializers, suite):
    o, r = (Process(url, role, s, suite) for role, s in zip(("originator", "responder"), serializers, strict=True))
    assert "subscription" in r.do(do="subscribe", id=1, topic="com.x.t")
    args, kwargs = [1, {"$bytes": "AAE="}, {"$float": "2.5"}], {"a": None}
    assert "publication" in o.do(do="publish", id=1, topic="com.x.t", args=args, kwargs=kwargs)
    got = r.heard()
    assert got["sealed"] and (got["args"], got["kwargs"]) == (args, kwargs)
    assert o.do(do="publish", id=2, topic="com.other")["reason"] == "NoKey"
    assert "registration" in r.do(do="register", id=2, procedure="com.x.p")
    o.tell(do="call", id=3, procedure="com.x.p", args=["first"], options={"progress": True})
    invocation = r.heard()
    assert invocation["args"] == ["first"] and invocation["more"]
    o.tell(do="chunk", id=4, call=3, args=["last"])
    assert not r.heard()["more"]
    r.tell(do="yield", invocation=invocation["invocation"], args=[1], progress=True)
    assert o.heard()["what"] == "progress"
    r.tell(do="yield", invocation=invocation["invocation"], args=[2])
    assert o.heard()["args"] == [2]
    o.tell(do="call", id=5, procedure="com.x.p")
    r.tell(do="error", invocation=r.heard()["invocation"], uri="com.hidden", args=["why"])
    got = o.heard()
    assert got["sealed"] and (got["what"], got["uri"], got["args"]) == ("error", "com.hidden", ["why"])
    o.leave(), r.leave()


def test_refusals(url):
    o, r = Process(url, "originator", "json", 1), Process(url, "responder", "cbor", 2)
    r.do(do="register", id=1, procedure="com.x.p")
    o.tell(do="call", id=1, procedure="com.x.p")
    assert r.heard()["reason"] == "NotOpened" and o.heard()["refused"] == {}
    o.leave(), r.leave()


@pytest.mark.parametrize("suite", [4, 5])
def test_signed(url, suite):
    kind, private = {4: "x25519", 5: "xwing"}[suite], b"\7" * 32
    reading = {name: typed_text(kind, key) for name, key in (("seal", KEMS[suite].public(private)), ("read", private))}
    parties = {name: [typed_text("ed25519", key) for key in (bytes([n]) * 32, verify_key(bytes([n]) * 32))]
               for n, name in enumerate(("alice", "bob"), 1)}
    alice = {"suite": suite, "sign": parties["alice"][0], "seal": reading["seal"], "answerers": [["bob", parties["bob"][1]]]}
    bob = {"suite": suite, "sign": parties["bob"][0], "read": reading["read"], "senders": [["alice", parties["alice"][1]]]}
    o, r = Process(url, "originator", "json", suite, alice), Process(url, "responder", "cbor", suite, bob)
    r.do(do="subscribe", id=1, topic="com.x.t")
    o.do(do="publish", id=1, topic="com.x.t", args=["hi"])
    got = r.heard()
    assert (got["args"], got["sender"]) == (["hi"], "alice")
    r.do(do="register", id=2, procedure="com.x.p")
    o.tell(do="call", id=3, procedure="com.x.p")
    r.tell(do="yield", invocation=r.heard()["invocation"], args=[2])
    got = o.heard()
    assert (got["args"], got["sender"]) == ([2], "bob")
    assert r.do(do="publish", id=4, topic="com.x.t")["reason"] == "WrongRole"
    o.leave(), r.leave()


def test_what_a_peer_refuses_to_open(url):
    o, r = Process(url, "originator", "cbor", 1), Process(url, "responder", "json", 1, {})
    r.do(do="subscribe", id=1, topic="com.x.t")
    o.do(do="publish", id=1, topic="com.x.t", args=["secret"])
    assert r.heard()["reason"] == "NoKey"
    o.leave(), r.leave()
