"""Makes vectors/wampbox_format.json (FORMAT.md, 16): keys, and what messages are made of."""
import base64
import hashlib
import json
import pathlib

from nacl import bindings as nacl

from .check import Tag64, base64_of as text, key_of, mark, wire
from ..envelope import lay_out, shown
from ..keys import ANSWERS, MESSAGES, json_text
from ..record import FIELDS, write_foreign, write_record
from ..cbor import write

NOW, REALM = 1767225600123, "realm1"
PATTERN = "com.myapp.encrypted."
URI, ERROR_URI = PATTERN + "x", PATTERN + "error.x"
ARGS, KWARGS = ["Hello", 23], None


def fixed(name, size=32):
    return hashlib.sha256(b"wampbox vectors " + name.encode()).digest()[:size]


OWN, PEER, OTHER, TOKEN = fixed("own", 16), fixed("peer", 16), fixed("other", 16), fixed("token", 24)
# By what it is: message type, the receiver's role, verb, kind, direction, details
TYPES = {
    "publish": ("EVENT", "responder", "subscribe", 1, MESSAGES, {}),
    "call": ("INVOCATION", "responder", "register", 2, MESSAGES, {}),
    "call_progress": ("INVOCATION", "responder", "register", 3, MESSAGES, {"progress": True}),
    "result": ("RESULT", "originator", "call", 4, ANSWERS, {}),
    "progress": ("RESULT", "originator", "call", 5, ANSWERS, {"progress": True}),
    "error": ("ERROR", "originator", "call", 6, ANSWERS, {}),
    "refusal": ("ERROR", "originator", "call", 7, ANSWERS, {}),
}
SIX = [t for t in TYPES if t != "refusal"]
DAY = 86_400_000
TABLES = json.loads((pathlib.Path(__file__).parent / "tables.json").read_text(encoding="utf-8"))
OURS, FOREIGN = ("box", "xbox", "shared"), ("autobahn", "secretbox", "aes")


def halves(private):
    """Both private keys of a pair and their public keys, by role."""
    public = {role: nacl.crypto_scalarmult_base(key) for role, key in private.items()}
    return {name: {role: text(key) for role, key in keys.items()}
            for name, keys in (("private", private), ("public", public))}


def key_entries():
    roles = ("originator", "responder")
    pair, both = halves({role: fixed(role) for role in roles}), halves(dict.fromkeys(roles, fixed("both")))
    ours, passthru = {"dialect": "wampbox"}, {"dialect": "passthru", "cipher": "xsalsa20poly1305"}
    entries = [
        {"name": "box", "suite": 1} | ours | pair, {"name": "xbox", "suite": 2} | ours | pair,
        {"name": "shared", "suite": 3, "secret": text(fixed("shared"))} | ours,
        {"name": "autobahn", "dialect": "autobahn"} | pair, {"name": "both", "dialect": "autobahn"} | both,
        {"name": "secretbox", "id": "orders-2026"} | passthru | pair,
        {"name": "secretbox shared", "id": "shared-2026", "secret": text(fixed("passthru"))} | passthru,
        {"name": "aes", "id": "aes-2026", "secret": text(fixed("aes"))} | passthru | {"cipher": "aes256gcm"},
    ]
    for entry in entries:
        key = key_of(entry, "originator")
        entry["secret"] = text(key.secret)
        if key.id:
            entry["id"] = shown_id(key)
    return entries


def shown_id(key):
    """The key id as people have it."""
    return base64.b32encode(key.id).decode().rstrip("=").lower() if key.h else key.id


class Maker:
    def __init__(self):
        self.entries = key_entries()
        self.keys = {e["name"]: key_of(e, "originator") for e in self.entries}
        self.count, self.names = 0, set()
        self.sealing, self.positive, self.negative = [], [], []

    def nonce(self, size=24):
        self.count += 1
        return fixed(f"nonce {self.count}", size)

    def record(self, what, **changes):
        kind, direction = TYPES[what][3:5]
        record = {"kind": kind, "realm": REALM, "uri": ERROR_URI if what == "error" else URI, "from": PEER,
                  "n": 1, "ts": NOW, "re": TOKEN if direction == ANSWERS else None, "seq": 0, "flags": 0,
                  "args": ARGS, "kwargs": KWARGS}
        refusal = {"realm": "", "uri": "", "args": ["Stale", NOW]} if what == "refusal" else {}
        return record | refusal | {k.rstrip("_"): v for k, v in changes.items()}

    @staticmethod
    def raw(record, behind=b"", first=b"\x8b", **items):
        """A record of which some items are given in CBOR; b"" leaves one out."""
        given = {k.rstrip("_"): v for k, v in items.items()}
        return first + b"".join(given[f] if f in given else write(record[f]) for f in FIELDS) + behind

    def message(self, what, key, plaintext=None, direction=None, details=None, error=None, nonce=None,
                **changes):
        """A message that is as it has to be, but for what is given. Its expectation is that it opens."""
        kind, _, _, _, towards, base = TYPES[what]
        of = self.keys[key]
        nonce = nonce or self.nonce(of.nonce_size)
        if of.dialect == "wampbox":
            record = self.record(what, **changes)
            plaintext = plaintext if plaintext is not None else write_record(record)
        else:
            record = {"uri": ERROR_URI if what == "error" else URI, "args": ARGS, "kwargs": KWARGS} | changes
            plaintext = plaintext if plaintext is not None else write_foreign(of.dialect, **record)
        payload = of.seal(direction or towards, plaintext, nonce)
        extra, rest = lay_out(of, payload)
        message = {"type": kind, "details": base | extra | (details or {}), "nonce": nonce,
                   "plaintext": plaintext, "expect": {"record": record}}
        if kind == "ERROR":
            message["error"] = error or ("wampbox.error" if of.dialect == "wampbox" else ERROR_URI)
        return message | dict(zip(("binary",) if of.dialect == "autobahn" else ("args", "kwargs"), rest))

    @staticmethod
    def plain(what, error=None, **given):
        kind, base = TYPES[what][0], TYPES[what][5]
        message = {"type": kind, "details": base} | ({"error": error or ERROR_URI} if kind == "ERROR" else {})
        return message | (given or {"args": ["plain"]}) | {"expect": {"plain": True}}

    @staticmethod
    def payload(message):
        return message["binary"] if "binary" in message else \
            message["kwargs"]["enc"] if message.get("kwargs") else message["args"][0]

    @staticmethod
    def changed(message, change):
        """The message with another payload: that which is given, or what a function makes of its own."""
        payload = change(Maker.payload(message)) if callable(change) else change
        if "binary" in message:
            return message | {"binary": payload}
        return message | ({"kwargs": {"enc": payload}} if message.get("kwargs") else {"args": [payload]})

    def add(self, name, what, key, messages, reason=None, call="sealed", uri=URI, match=None, retained=False,
            age=300_000, skew=30_000, role=None, expect=None, **more):
        """A vector. With a reason its last message is refused. Messages may be a list or one; each may be
        what message() changes in one that is as it has to be."""
        messages = [given if "type" in given else self.message(what, key, **given)
                    for given in ([messages] if isinstance(messages, dict) else messages)]
        _, own_role, verb, _, _, _ = TYPES[what]
        exchange = {"verb": verb, "uri": uri} | ({"match": match} if match else {})
        exchange |= {"get_retained": True} if retained else {}
        if verb == "call":
            exchange |= {"re": TOKEN} if call == "sealed" else {"uri": "wamp.x"}
        if reason:
            expect = {"reason": reason}
            if verb == "register":
                first = len(messages) - 1
                while first and messages[first - 1]["details"].get("progress") is True:
                    first -= 1
                later = first < len(messages) - 1
                expect["answer"] = self.answer(messages[first], later, reason, uri, match)
        if expect:
            messages[-1] = messages[-1] | {"expect": expect}
        assert name not in self.names, name
        self.names.add(name)
        vector = {"name": name, "dialect": self.keys[key].dialect, "keys": key, "role": role or own_role,
                  "max_age_ms": age, "clock_skew_ms": skew, "exchange": exchange, "messages": messages} | more
        (self.negative if reason else self.positive).append(mark(vector))

    def under(self, prefix, what, key, **always):
        """Add, for vectors of one sort whose names begin with the prefix."""
        return lambda name, *messages, **more: self.add(prefix + name, what, key, *messages, **always | more)

    @staticmethod
    def answer(first, later, reason, uri, match):
        """What a refused invocation gets, by the first chunk of its call."""
        shows = shown(first["details"], wire(first, 1, False)[4:])
        if "enc" in shows:
            return {"error": "wampbox.error", "enc": 256}
        procedure = uri if not match else "" if reason == "WrongURI" else first["details"]["procedure"]
        if not shows:
            codec = later and procedure.startswith("wamp.")
            return {"error": "wamp.error.no_payload_codec" if codec else "wampbox.error.sealed_only"}
        keyed = procedure.startswith(PATTERN) or procedure == ""
        return {"error": "wamp.error.encryption.decrypt_error" if keyed else "wamp.error.no_payload_codec"}

    def seal(self, name, key, what, size=None, **changes):
        record = self.record(what, **changes)
        role = "originator" if TYPES[what][4] == MESSAGES else "responder"
        nonce, plaintext = self.nonce(), write_record(record, size)
        entry = {"name": name, "keys": key, "role": role, "record": record, "nonce": nonce,
                 "plaintext": plaintext, "enc": self.keys[key].seal(TYPES[what][4], plaintext, nonce)}
        self.sealing.append(mark(entry | ({"size": size} if size else {})))


def refused(what, reason="Stale", clock=NOW):
    """What a refusal is expected to do; nothing special of other messages."""
    return {"refused": True, "refusal": {"reason": reason, "clock": clock}} if what == "refusal" else None


def flip(payload, at, bit=1):
    payload = bytearray(payload)
    payload[at] ^= bit
    return bytes(payload)


# What routers make of bytes, and what is none
SHAPES = {"bytes": bytes, "U+0000 and base64": json_text, "base64": text, "tag 64": Tag64,
          "a list of integers": list}
NO_SHAPES = {
    "null": lambda p: None, "a number": lambda p: 1, "true": lambda p: True, "a map": lambda p: {"bytes": p},
    "a list in a list": lambda p: [list(p)],
    "integers beyond a byte": lambda p: [256, *p], "negative integers": lambda p: [-1, *p],
    "floats": lambda p: [1.0, *p], "a list with null": lambda p: [None, *p],
    "a list with true": lambda p: [True, *p],
    "base64 without padding": lambda p: text(p[:len(p) // 3 * 3] + b"\1").rstrip("="),
    "base64 with bits behind the end": lambda p: text(p[:len(p) // 3 * 3] + b"\1")[:-3] + "R==",
    "base64url": lambda p: "-_" + text(p)[2:], "U+0000 and no base64": lambda p: json_text(p) + "!",
    "U+0000 alone": lambda p: "\0", "U+0000 twice": lambda p: "\0" + json_text(p),
    "no base64": lambda p: "~" + text(p), "an empty text": lambda p: "",
    "a space in base64": lambda p: text(p)[:8] + " " + text(p)[8:],
}
