"""Vectors of records: items, shape, padding, values; of foreign records; and of what sealing gives."""
import struct
from datetime import timedelta

from .check import unmark
from ..record import FIELDS, padme, write_record
from ..cbor import EPOCH, write
from .maker import ERROR_URI, NOW, OURS, PEER, REALM, SIX, TABLES, TOKEN, TYPES, URI, fixed, refused

OTHERS = {"null": None, "true": True, "1": 1, "-1": -1, "1.0": 1.0, "text": "x", "bytes": b"x", "[]": [],
          "{}": {}, "a time": EPOCH + timedelta(days=20000), "2^64": 1 << 64}
# Of these, what a call may have in an item, and what a publication may have besides
FITTING = {"kind": {"1"}, "realm": {"text"}, "uri": {"text"}, "from": set(), "n": {"1"}, "ts": {"1"},
           "re": {"null"}, "seq": {"1"}, "flags": set(), "args": {"null", "[]"}, "kwargs": {"null", "{}"}}
FITTING_TOO = {"seq": {"null"}, "flags": {"1"}}
# Items of a call that aren't written as they have to be
WRITTEN_OTHERWISE = {
    "kind": (b"\x18\x02", b"\x19\0\2"), "n": (b"\x18\x01", b"\x1b" + bytes(7) + b"\1"),
    "seq": (b"\x18\0", b"\x1b" + bytes(8)), "flags": (b"\x18\0",), "ts": (b"\x1b" + bytes(7) + b"\1",),
    "realm": (b"\x78\x06realm1", b"\x79\0\6realm1", b"\x7f\x66realm1\xff", b"\x66realm\xff"),
    "uri": (b"\x79" + struct.pack(">H", len(URI)) + URI.encode(), b"\x7f" + write(URI) + b"\xff"),
    "from": (b"\x58\x10" + PEER, b"\x5f\x50" + PEER + b"\xff", b"\xd8\x40\x50" + PEER),
    "re": (b"\x59\0\x18" + TOKEN, b"\x5f\x58\x18" + TOKEN + b"\xff"),
    "args": (b"\x98\x01\x01", b"\x9f\x01\xff", b"\xc1\x81\x01"),
    "kwargs": (b"\xb8\0", b"\xbf\xff", b"\xb9\0\0"),
}
REFUSAL_ARGS = {"null": None, "empty": [], "a reason alone": ["Stale"], "three": ["Stale", NOW, None],
                "clock first": [NOW, "Stale"], "clock null": ["Stale", None], "clock a float": ["Stale", 1.0],
                "clock negative": ["Stale", -1], "clock 2^63": ["Stale", 1 << 63], "reason null": [None, NOW]}


def of_fields(m):
    """Each item of a record missing, of each other type, out of its range, or not written as it has to be."""
    def bad(name, what, changes=None, **raw):
        plaintext = m.raw(m.record(what, **(changes or {})), **raw)
        m.add(f"fields/{what}/{name}", what, "box", dict(plaintext=plaintext), "Malformed")

    for what in ("call", "publish"):
        for field in FIELDS:
            bad(f"{field} missing", what, **{field: b""})
            bad(f"{field} twice", what, **{field: write(m.record(what)[field]) * 2})
            fits = FITTING[field] | (FITTING_TOO.get(field, set()) if what == "publish" else set())
            for name, value in OTHERS.items() if what == "call" or field in ("seq", "flags", "re") else ():
                if name not in fits:
                    bad(f"{field} {name}", what, **{field: write(value)})
            bad(f"{field} undefined", what, **{field: b"\xf7"})
    for what in ("result", "error", "refusal"):
        for field in ("realm", "uri", "re", "seq", "flags", "args", "kwargs"):
            for name in ("1", "-1", "text", "bytes", "true"):
                fitting = FITTING[field] if what != "refusal" else {"seq": {"1"}}.get(field, set())
                if name not in fitting:
                    bad(f"{field} {name}", what, **{field: write(OTHERS[name])})
    for kind in (0, 8, 255):
        bad(f"kind {kind}", "call", kind=write(kind))
    for name, field, value in (
            ("16 zeros", "from", bytes(16)), ("15 bytes", "from", PEER[:15]),
            ("17 bytes", "from", PEER + b"\1"), ("none", "from", b""), ("zero", "n", 0),
            ("2^63", "ts", 1 << 63), ("2^64-1", "ts", (1 << 64) - 1), ("none", "re", b""),
            ("23 bytes", "re", TOKEN[:23]), ("25 bytes", "re", TOKEN + b"\1")):
        for what in ("call", "result"):
            bad(f"{field} {name}", what, **{field: write(value)})
    for what, flags in (("call", (2, 3, 4, 255)), ("publish", (4, 5, 8, 255))):
        for flag in flags:
            bad(f"flags {flag}", what, flags=write(flag))
    bad("re of 24 bytes", "publish", {"re": TOKEN})
    for name, args in REFUSAL_ARGS.items():
        bad(f"args {name}", "refusal", {"args": args})
    bad("realm", "refusal", {"realm": REALM})
    bad("uri", "refusal", {"uri": ERROR_URI})
    bad("an empty map", "refusal", {"kwargs": {}})
    for what in SIX:
        bad("empty realm", what, {"realm": ""})
        bad("empty uri", what, {"uri": ""})
    for field, written in WRITTEN_OTHERWISE.items():
        for number, data in enumerate(written):
            bad(f"{field} written otherwise {number}", "call", **{field: data})


def of_shapes(m):
    """Records that are no array as it has to be, and padding."""
    r = m.record("call")
    whole = m.raw(r)
    for name, data in {
            "nothing": b"", "a byte": b"\x8b", "cut short by one": whole[:-1], "a byte behind": whole + b"\0",
            "twice": whole * 2, "ten items": m.raw(r, first=b"\x8a", kwargs=b""),
            "ten said, eleven there": b"\x8a" + whole[1:], "twelve said, eleven there": b"\x8c" + whole[1:],
            "eleven said, twelve there": whole + b"\x40", "thirteen items": m.raw(r, b"\x40\x40", b"\x8d"),
            "a head longer than needed": m.raw(r, first=b"\x98\x0b"),
            "twelve, a head longer than needed": m.raw(r, b"\x40", b"\x98\x0c"),
            "an indefinite array": m.raw(r, b"\xff", b"\x9f"), "a tag on the root": b"\xd9\xd9\xf7" + whole,
            "tag 24 on the root": b"\xd8\x18" + write(whole), "a map": write({"kind": 2}), "null": b"\xf6",
            "text": write("record"), "json": b'[2,"realm1"]', "in front a byte": b"\0" + whole,
            "a passthru record": write({"args": [], "kwargs": {}, "uri": URI}),
            "a break behind": whole + b"\xff"}.items():
        m.add(f"shapes/{name}", "call", "xbox", dict(plaintext=data), "Malformed")
    for name, pad, *reason in (
            ("null", b"\xf6", "Malformed"), ("text", b"\x60", "Malformed"), ("a number", b"\0", "Malformed"),
            ("an indefinite string", b"\x5f\xff", "Malformed"), ("cut short", b"\x5a\0\0\0\1", "Malformed"),
            ("longer than the data", b"\x5b" + b"\xff" * 8, "Malformed"),
            ("a tag", b"\xd8\x40\x40", "Malformed"), ("a list", b"\x80", "Malformed"),
            ("more behind", b"\x40\0", "Malformed"),
            ("a reserved head", b"\x5c", "Malformed"), ("none in it", b"\x40"), ("three bytes", b"\x43abc"),
            ("a head of 9 bytes", b"\x5b" + bytes(7) + b"\2ab"), ("a head of 5 bytes", b"\x5a\0\0\0\2\0\0"),
            ("a head of 2 bytes", b"\x58\0"), ("a head of 3 bytes", b"\x59\0\1\xff")):
        m.add(f"padding/{name}", "call", "box", dict(plaintext=m.raw(r, pad, b"\x8c")), *reason)
    for key in OURS:
        for what in TYPES:
            padded = dict(plaintext=write_record(m.record(what), padme))
            m.add(f"padding/Padmé, {key}, {what}", what, key, padded, expect=refused(what))


def of_values(m):
    """Values of args and kwargs."""
    def one(name, data, reason=None, value=None):
        raw = m.raw(m.record("publish"), args=b"\x81" + data)
        m.add(f"values/{name}", "publish", "box", dict(plaintext=raw, args=[value]), reason)

    for name, value in unmark(TABLES["integers"]).items():
        one(name, write(value), value=value)
    for name, data in TABLES["floats"].items():
        data = bytes.fromhex(data)
        one(f"float {name}", data, value=struct.unpack({3: ">e", 5: ">f", 9: ">d"}[len(data)], data[1:])[0])
    for name, (data, value) in unmark(TABLES["times"]).items():
        one(f"time {name}", bytes.fromhex(data), value=value)
    for name, value in unmark(TABLES["values"]).items():
        one(name, write(value), value=value)
    for args, kwargs in ((None, None), ([], None), (None, {}), ([], {}), (None, {"a": None}), ([None], None)):
        m.add(f"values/args {args}, kwargs {kwargs}", "call", "shared", dict(args=args, kwargs=kwargs))
    for name, data in TABLES["bad values"].items():
        one(name, bytes.fromhex(data), "Malformed")
        if fixed(name)[0] % 8 == 0:
            raw = m.raw(m.record("result"), kwargs=b"\xa1\x61a" + bytes.fromhex(data))
            m.add(f"values/in kwargs, {name}", "result", "shared", dict(plaintext=raw), "Malformed")
    deep = b"\x81" * 129 + b"\xf6"
    one("nested 129 deep", deep, "TooLarge")
    one("maps 129 deep", b"\xa1\x60" * 129 + b"\xf6", "TooLarge")
    raw = m.raw(m.record("call"), kwargs=b"\xa1\x61a" + deep)
    m.add("values/kwargs nested 129 deep", "call", "box", dict(plaintext=raw), "TooLarge")
    kwargs = {"a": TABLES["values"]["nested 128 deep"]}
    m.add("values/kwargs nested 128 deep", "call", "box", dict(kwargs=kwargs))


def of_foreign_records(m):
    """Records of autobahn and passthru."""
    for case in TABLES["foreign"]:
        plaintext = case["text"].encode() if "text" in case else bytes.fromhex(case["hex"])
        message = m.message("publish", case["key"], plaintext)
        message["expect"] = {"record": unmark(case.get("record"))}
        m.add(f"records/{case['key']}/{case['name']}", "publish", case["key"], message, case.get("reason"))


def of_sealing(m):
    """What sealing has to give, byte for byte."""
    least = len(write_record(m.record("publish"))) + 5
    later = {"re": TOKEN, "seq": 300, "n": (1 << 64) - 1, "ts": (1 << 63) - 1}
    for key in OURS:
        for what in TYPES:
            refusal = what == "refusal"
            for name, change in {"Stale": {}}.items() if refusal else unmark(TABLES["sealing"]).items():
                m.seal(f"{key}/{what}/{name}", key, what, **change)
            m.seal(f"{key}/{what}/padded", key, what, 199 if refusal else 256)
        for flags in (1, 2, 3):
            m.seal(f"{key}/publish/flags {flags}", key, "publish", flags=flags, seq=None)
        for what in ("call", "call_progress", "result"):
            m.seal(f"{key}/{what}/a later one", key, what, **later)
        for more in (0, 1, 300):
            m.seal(f"{key}/publish/padding of {more}", key, "publish", least + more)
