"""What the test vectors test: each function adds vectors of one kind (FORMAT.md, 16)."""
import base64
import inspect
import json
import pathlib
import struct
import sys
from datetime import timedelta

from .check import FILL, Tag64, mark, unmark
from .keys import ANSWERS, MAX_PAYLOAD, MESSAGES
from .record import FIELDS, padme, write_record
from .values import EPOCH, write
from .vectors import (ERROR_URI, FOREIGN, NOW, OTHER, OURS, OWN, PATTERN, PEER, REALM, SIX, TOKEN, TYPES, URI, Maker,
                      fixed, key_texts)

KIND_NAMES = [*TYPES]
TABLES = json.loads(pathlib.Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
DAY = 86_400_000
OTHERS = {"null": None, "true": True, "1": 1, "-1": -1, "1.0": 1.0, "text": "x", "bytes": b"x", "[]": [], "{}": {},
          "a time": EPOCH + timedelta(days=20000), "2^64": 1 << 64}
# Of these, what a call may have in an item
FITTING = {"kind": {"1"}, "realm": {"text"}, "uri": {"text"}, "from": set(), "n": {"1"}, "ts": {"1"}, "re": {"null"},
           "seq": {"1"}, "flags": set(), "args": {"null", "[]"}, "kwargs": {"null", "{}"}}


def of_fields(m):
    """Each item of a record missing, of each other type, out of its range, or not written as it has to be."""
    def bad(name, what, changes=None, **raw):
        m.add(f"fields/{what}/{name}", what, "box", m.message(what, "box", m.raw(m.record(what, **(changes or {})), **raw)), "Malformed")

    for what in ("call", "publish"):
        for field in FIELDS:
            bad(f"{field} missing", what, **{field: b""})
            bad(f"{field} twice", what, **{field: write(m.record(what)[field]) * 2})
            for name, value in OTHERS.items() if what == "call" or field in ("seq", "flags", "re") else ():
                fits = FITTING[field] | ({"null"} if what == "publish" and field == "seq" else set()) | \
                    ({"1"} if what == "publish" and field == "flags" else set())
                if name not in fits:
                    bad(f"{field} {name}", what, **{field: write(value)})
            bad(f"{field} undefined", what, **{field: b"\xf7"})
    for what in ("result", "error", "refusal"):
        for field in ("realm", "uri", "re", "seq", "flags", "args", "kwargs"):
            for name in ("1", "-1", "text", "bytes", "true"):
                fitting = FITTING[field] if what != "refusal" else {"seq": {"1"}}.get(field, set())
                if name not in fitting:
                    bad(f"{field} {name}", what, **{field: write(OTHERS[name])})
    for name, value in {"kind 0": 0, "kind 8": 8, "kind 255": 255}.items():
        bad(name, "call", kind=write(value))
    for name, field, value in (("16 zeros", "from", bytes(16)), ("15 bytes", "from", PEER[:15]), ("17 bytes", "from", PEER + b"\1"),
                               ("none", "from", b""), ("zero", "n", 0), ("2^63", "ts", 1 << 63), ("2^64-1", "ts", (1 << 64) - 1),
                               ("none", "re", b""), ("23 bytes", "re", TOKEN[:23]), ("25 bytes", "re", TOKEN + b"\1")):
        bad(f"{field} {name}", "call", **{field: write(value)})
        bad(f"{field} {name}", "result", **{field: write(value)})
    for flags in (2, 3, 4, 255):
        bad(f"flags {flags}", "call", flags=write(flags))
    for flags in (4, 5, 8, 255):
        bad(f"flags {flags}", "publish", flags=write(flags))
    bad("re of 24 bytes", "publish", {"re": TOKEN})
    for name, args in {"null": None, "empty": [], "a reason alone": ["Stale"], "three": ["Stale", NOW, None],
                       "clock first": [NOW, "Stale"], "clock null": ["Stale", None], "clock a float": ["Stale", 1.0],
                       "clock negative": ["Stale", -1], "clock 2^63": ["Stale", 1 << 63], "reason null": [None, NOW]}.items():
        bad(f"args {name}", "refusal", {"args": args})
    bad("realm", "refusal", {"realm": REALM})
    bad("uri", "refusal", {"uri": ERROR_URI})
    bad("an empty map", "refusal", {"kwargs": {}})
    for what in SIX:
        bad("empty realm", what, {"realm": ""})
        bad("empty uri", what, {"uri": ""})
    for field, heads in {"kind": (b"\x18\x02", b"\x19\0\2"), "n": (b"\x18\x01", b"\x1b" + bytes(7) + b"\1"),
                         "seq": (b"\x18\0", b"\x1b" + bytes(8)), "flags": (b"\x18\0",), "ts": (b"\x1b" + bytes(7) + b"\1",),
                         "realm": (b"\x78\x06realm1", b"\x79\0\6realm1", b"\x7f\x66realm1\xff", b"\x66realm\xff"),
                         "uri": (b"\x79" + struct.pack(">H", len(URI)) + URI.encode(), b"\x7f" + write(URI) + b"\xff"),
                         "from": (b"\x58\x10" + PEER, b"\x5f\x50" + PEER + b"\xff", b"\xd8\x40\x50" + PEER),
                         "re": (b"\x59\0\x18" + TOKEN, b"\x5f\x58\x18" + TOKEN + b"\xff"),
                         "args": (b"\x98\x01\x01", b"\x9f\x01\xff", b"\xc1\x81\x01"),
                         "kwargs": (b"\xb8\0", b"\xbf\xff", b"\xb9\0\0")}.items():
        for number, data in enumerate(heads):
            bad(f"{field} written otherwise {number}", "call", **{field: data})


def of_shapes(m):
    """Records that are no array as it has to be, and padding."""
    r = m.record("call")
    whole = m.raw(r)
    items = {"nothing": b"", "a byte": b"\x8b", "cut short by one": whole[:-1], "a byte behind": whole + b"\0", "twice": whole * 2,
             "ten items": m.raw(r, first=b"\x8a", kwargs=b""), "ten said, eleven there": b"\x8a" + whole[1:],
             "twelve said, eleven there": b"\x8c" + whole[1:], "eleven said, twelve there": whole + b"\x40",
             "thirteen items": m.raw(r, b"\x40\x40", b"\x8d"), "a head longer than needed": m.raw(r, first=b"\x98\x0b"),
             "twelve, a head longer than needed": m.raw(r, b"\x40", b"\x98\x0c"), "an indefinite array": m.raw(r, b"\xff", b"\x9f"),
             "a tag on the root": b"\xd9\xd9\xf7" + whole, "tag 24 on the root": b"\xd8\x18" + write(whole), "a map": write({"kind": 2}),
             "null": b"\xf6", "text": write("record"), "json": b'[2,"realm1"]', "in front a byte": b"\0" + whole,
             "a passthru record": write({"args": [], "kwargs": {}, "uri": URI}), "a break behind": whole + b"\xff"}
    for name, data in items.items():
        m.add(f"shapes/{name}", "call", "xbox", m.message("call", "xbox", data), "Malformed")
    for name, pad in {"null": b"\xf6", "text": b"\x60", "a number": b"\0", "an indefinite string": b"\x5f\xff", "cut short": b"\x5a\0\0\0\1",
                      "longer than the data": b"\x5b" + b"\xff" * 8, "a tag": b"\xd8\x40\x40", "a list": b"\x80", "more behind": b"\x40\0",
                      "a reserved head": b"\x5c"}.items():
        m.add(f"padding/{name}", "call", "box", m.message("call", "box", m.raw(r, pad, b"\x8c")), "Malformed")
    for name, pad in {"none in it": b"\x40", "three bytes": b"\x43abc", "a head of 9 bytes": b"\x5b" + bytes(7) + b"\2ab",
                      "a head of 5 bytes": b"\x5a\0\0\0\2\0\0", "a head of 2 bytes": b"\x58\0", "a head of 3 bytes": b"\x59\0\1\xff"}.items():
        m.add(f"padding/{name}", "call", "box", m.message("call", "box", m.raw(r, pad, b"\x8c")))
    for key in OURS:
        for what in KIND_NAMES:
            r = m.record(what)
            m.add(f"padding/Padmé, {key}, {what}", what, key, m.message(what, key, write_record(r, padme)), expect=refused(what))


def refused(what, reason="Stale", clock=NOW):
    return {"refused": True, "refusal": {"reason": reason, "clock": clock}} if what == "refusal" else None


def nested(depth, value=None):
    for _ in range(depth):
        value = [value]
    return value


def of_values(m):
    """Values of args and kwargs."""
    def one(name, data, reason=None, value=None, key="box"):
        raw = m.raw(m.record("publish"), args=b"\x81" + data)
        m.add(f"values/{name}", "publish", key, m.message("publish", key, raw, args=[value]), reason)

    ints = [0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 2**1024 - 1]
    for value in ints:
        one(f"integer {value if value < 2**65 else '2^1024-1'}", write(value), value=value)
        one(f"integer {-value - 1 if value < 2**65 else '1-2^1024'}", write(-value - (value < 2**65)), value=-value - (value < 2**65))
    for name, data in TABLES["floats"].items():
        data = bytes.fromhex(data)
        one(f"float {name}", data, value=struct.unpack({3: ">e", 5: ">f", 9: ">d"}[len(data)], data[1:])[0])
    for name, data, at in (("epoch", "c100", 0), ("before it", "c120", -1), ("2026", "c11a6955b900", 1767225600), ("half a second", "c1f93800", .5),
                           ("float of whole seconds", "c1fb41da556e40000000", 1767225600), ("in 32", "c1fa3fc00000", 1.5),
                           ("first", "c13b0000000e7791f6ff", -62135596800), ("last", "c11b0000003afff4417f", 253402300799),
                           ("milliseconds", "c1" + write(1767225600.123).hex(), 1767225600.123), ("minus a quarter", "c1f9b400", -.25)):
        one(f"time {name}", bytes.fromhex(data), value=EPOCH + timedelta(microseconds=round(at * 10**6)))
    for name, value in {"text": "Grüße, \0 𝄞", "empty text": "", "bytes": bytes(range(256)), "empty bytes": b"", "empty list": [],
                        "empty map": {}, "null": None, "true": True, "false": False, "nested 128 deep": nested(128),
                        "nested maps": {"a": {"": {"": []}}}, "keys": {"b": 1, "a": 2, "\0": 3, "B": 4}}.items():
        one(name, write(value), value=value)
    for args, kwargs in ((None, None), ([], None), (None, {}), ([], {}), (None, {"a": None}), ([None], None)):
        m.add(f"values/args {args}, kwargs {kwargs}", "call", "shared", m.message("call", "shared", args=args, kwargs=kwargs))
    for name, data in TABLES["bad values"].items():
        one(name, bytes.fromhex(data), "Malformed")
        if fixed(name)[0] % 8 == 0:
            raw = m.raw(m.record("result"), kwargs=b"\xa1\x61a" + bytes.fromhex(data))
            m.add(f"values/in kwargs, {name}", "result", "shared", m.message("result", "shared", raw), "Malformed")
    deep = b"\x81" * 129 + b"\xf6"
    one("nested 129 deep", deep, "TooLarge")
    one("maps 129 deep", b"\xa1\x60" * 129 + b"\xf6", "TooLarge")
    raw = m.raw(m.record("call"), kwargs=b"\xa1\x61a" + deep)
    m.add("values/kwargs nested 129 deep", "call", "box", m.message("call", "box", raw), "TooLarge")
    m.add("values/kwargs nested 128 deep", "call", "box", m.message("call", "box", kwargs={"a": nested(128)}))


def of_binding(m):
    """What a record says of itself, under each suite."""
    for key in OURS:
        for what in KIND_NAMES:
            kind, direction = TYPES[what][3:5]
            m.add(f"binding/{key}/{what}", what, key, m.message(what, key), expect=refused(what))
            if what == "refusal":
                continue
            for other in KIND_NAMES:
                r = m.record(other, re=m.record(what)["re"], uri=m.record(what)["uri"])
                if other == "refusal":
                    r |= {"uri": ""}
                elif other == "publish":
                    r |= {"re": None}
                if key != "shared" and other != what and not (what == "error" and other == "refusal"):
                    reason = "WrongURI" if other == "refusal" else "WrongKind"
                    m.add(f"binding/{key}/{other} as {what}", what, key, m.message(what, key, write_record(r)), reason)
            changes = [("realm", {"realm": "realm2"}, "WrongRealm"), ("realm of another case", {"realm": "Realm1"}, "WrongRealm"),
                       ("ahead of the clock", {"ts": NOW + 30_001}, "ClockSkew"), ("latest ts", {"ts": (1 << 63) - 1}, "ClockSkew"),
                       ("earliest ts", {"ts": 0}, "Stale"), ("a day old", {"ts": NOW - DAY}, "Stale"), ("too old", {"ts": NOW - 300_001}, "Stale")]
            if what != "error":
                changes += [("uri", {"uri": PATTERN + "y"}, "WrongURI"), ("uri that goes on", {"uri": URI + "y"}, "WrongURI")]
            if what != "publish":
                changes += [("seq 1", {"seq": 1}, "Gap"), ("greatest seq", {"seq": (1 << 64) - 1}, "Gap")]
                changes += [("another re", {"re": fixed("another", 24)}, "WrongRequest")]
            if direction == ANSWERS:
                changes += [("no re", {"re": None}, "WrongRequest")]
            if what in ("call", "call_progress", "publish"):
                changes += [("before it was asked for", {"ts": NOW - 30_001}, "Stale")]
            for name, change, reason in changes if key == "xbox" else changes[:2]:
                m.add(f"binding/{key}/{name} of {what}", what, key, m.message(what, key, **change), reason)
            if key != "box":
                message = m.message(what, key, direction=MESSAGES + ANSWERS - direction)
                m.add(f"binding/{key}/{what} under the key of the other direction", what, key, message, "NotOpened")
    for name, change, reason in (("no re", {"re": None}, "WrongRequest"), ("another re", {"re": fixed("another", 24)}, "WrongRequest")):
        m.add(f"binding/{name} of refusal", "refusal", "xbox", m.message("refusal", "xbox", **change), reason)


def of_order(m):
    """Of two faults the first in the order of the document counts, and borders pass."""
    faults = [("uri", {"uri": PATTERN + "y"}, "WrongURI"), ("realm", {"realm": "realm2"}, "WrongRealm"), ("kind", {"kind": 5}, "WrongKind"),
              ("re", {"re": fixed("another", 24)}, "WrongRequest"), ("seq", {"seq": 3}, "Gap"), ("clock", {"ts": NOW + DAY}, "ClockSkew")]
    for i, (one, change, reason) in enumerate(faults):
        for other, also, _ in faults[i + 1:]:
            m.add(f"order/{one} before {other}", "result", "box", m.message("result", "box", **change | also), reason)
    m.add("order/own event before the clock", "publish", "box", m.message("publish", "box", from_=OWN, ts=NOW + DAY), "Replayed")
    first = m.message("publish", "box")
    m.add("order/age before the window", "publish", "box", [first, m.message("publish", "box", ts=0)], "Stale")
    m.add("order/the record before what it says", "call", "box", m.message("call", "box", m.raw(m.record("call", realm="realm2"), seq=b"\x20")), "Malformed")
    wide = {"age": 300_000, "skew": 400_000}
    for what in SIX:
        m.add(f"borders/{what} ahead by the skew", what, "box", m.message(what, "box", ts=NOW + 30_000))
        m.add(f"borders/{what} as old as max age", what, "box", m.message(what, "box", ts=NOW - 300_000), **wide)
        m.add(f"borders/{what} older by 1 ms than max age", what, "box", m.message(what, "box", ts=NOW - 300_001), "Stale", **wide)
        if what in ("publish", "call", "call_progress"):
            m.add(f"borders/{what} before since by the skew", what, "box", m.message(what, "box", ts=NOW - 30_000))
        m.add(f"borders/{what} with the greatest n", what, "box", m.message(what, "box", n=(1 << 64) - 1))
        m.add(f"borders/{what} with the greatest skew", what, "box", m.message(what, "box", ts=0), age=9 * 10**12, skew=9 * 10**12)
    for name, change in {"seq null": {"seq": None}, "greatest seq": {"seq": (1 << 64) - 1}, "self": {"flags": 1}, "keep": {"flags": 2},
                         "self and keep": {"flags": 3}, "own, with self": {"from_": OWN, "flags": 1}, "own, with both": {"from_": OWN, "flags": 3}}.items():
        m.add(f"borders/publish {name}", "publish", "shared", m.message("publish", "shared", **change))
    for name, flags in (("no flags", 0), ("keep alone", 2)):
        m.add(f"order/own event, {name}", "publish", "box", m.message("publish", "box", from_=OWN, flags=flags), "Replayed")
    for what in ("call", "result", "error"):
        m.add(f"borders/{what} of the own Session", what, "box", m.message(what, "box", from_=OWN))


def of_windows(m):
    """Sequences of first messages: windows, and what uses up no counter."""
    for key in OURS:
        for what in ("publish", "call"):
            one = m.message(what, key)
            top = m.message(what, key, n=9000)
            m.add(f"windows/{key}/{what} replayed", what, key, [one, one], "Replayed")
            m.add(f"windows/{key}/{what} with a used counter", what, key, [one, m.message(what, key, args=["other"])], "Replayed")
            m.add(f"windows/{key}/{what}, the last in the window", what, key, [top, m.message(what, key, n=9000 - 8191)])
            m.add(f"windows/{key}/{what}, the last in the window, twice", what, key, [top] + [m.message(what, key, n=9000 - 8191)] * 2, "Replayed")
            m.add(f"windows/{key}/{what}, the first behind the window", what, key, [top, m.message(what, key, n=9000 - 8192)], "Replayed")
            m.add(f"windows/{key}/{what}, far behind it", what, key, [top, m.message(what, key, n=1)], "Replayed")
    for what in ("publish", "call"):
        numbers = [m.message(what, "box", n=n) for n in (5, 3, 4, 1, 8192, 2)]
        m.add(f"windows/{what} out of order", what, "box", numbers)
        m.add(f"windows/{what} out of order, one again", what, "box", numbers + [numbers[2]], "Replayed")
        m.add(f"windows/{what} of two senders", what, "box", [m.message(what, "box"), m.message(what, "box", from_=OTHER)])
        jump = [m.message(what, "box"), m.message(what, "box", n=(1 << 64) - 1)]
        m.add(f"windows/{what}, a jump to the greatest", what, "box", jump)
        m.add(f"windows/{what}, behind a jump", what, "box", jump + [m.message(what, "box", n=2)], "Replayed")
        m.add(f"windows/{what}, border of a jump", what, "box", jump + [m.message(what, "box", n=(1 << 64) - 8192)])
        m.add(f"windows/{what}, behind the border of a jump", what, "box", jump + [m.message(what, "box", n=(1 << 64) - 8193)], "Replayed")
        wrong = m.message(what, "box", n=100, realm="realm2") | {"expect": {"reason": "WrongRealm"}}
        if what == "call":
            wrong["expect"]["answer"] = {"error": "wampbox.error", "enc": 256}
        m.add(f"windows/{what}, what was refused uses up no counter", what, "box", [wrong, m.message(what, "box", n=100)])
        high = m.message(what, "box", n=99999, realm="realm2") | {"expect": wrong["expect"]}
        m.add(f"windows/{what}, what was refused moves no window", what, "box", [high, m.message(what, "box", n=1)])
    topics = [m.message("publish", "box", details={"topic": u}, uri=u) for u in (URI, PATTERN + "y")]
    m.add("windows/one for all topics of a subscription", "publish", "box", topics, "Replayed", uri=PATTERN, match="prefix")
    calls = [m.message("call", "box", details={"procedure": u}, uri=u) for u in (URI, PATTERN + "y")]
    m.add("windows/one for all procedures", "call", "box", calls, "Replayed", uri=PATTERN, match="prefix")
    answers = [m.message("progress", "box", seq=0), m.message("progress", "box", seq=1), m.message("result", "box", seq=2)]
    m.add("windows/answers may repeat a counter", "result", "box", answers)
    for key in FOREIGN:
        for what in ("publish", "call", "call_progress", "progress"):
            one = m.message(what, key)
            m.add(f"tokens/{key}/{what}", what, key, [one, m.message(what, key)])
            m.add(f"tokens/{key}/{what} replayed", what, key, [one, one], "Replayed")
            m.add(f"tokens/{key}/{what}, a nonce used again", what, key,
                  [one, m.message(what, key, nonce=one["nonce"], args=["other"])], "Replayed")
        one = m.message("progress", key)
        m.add(f"tokens/{key}/progress as result", "progress", key, [one, one | {"details": {k: v for k, v in one["details"].items() if k != "progress"}}], "Replayed")


def of_retention(m):
    """Late events."""
    def late(key="box", said=True, **changes):
        return m.message("publish", key, details={"retained": said}, **{"flags": 2, "ts": NOW - DAY} | changes)

    def add(name, messages, reason=None, retained=True, key="box", **more):
        m.add(f"retained/{name}", "publish", key, messages, reason, retained=retained, **more)

    for key in OURS:
        one = late(key)
        add(f"{key}/late", one, key=key)
        add(f"{key}/as old as can be", late(key, ts=0), key=key)
        add(f"{key}/twice", [one, one], "Replayed", key=key)
        add(f"{key}/not asked for", late(key), "Stale", retained=False, key=key)
        add(f"{key}/not said to be kept", late(key, said=False), "Stale", key=key)
        add(f"{key}/not sealed to be kept", late(key, flags=0), "Stale", key=key)
    add("said to be kept with 1", late(said=1), "Stale")
    add("said to be kept with a text", late(said="true"), "Stale")
    add("sealed with self alone", late(flags=1), "Stale")
    add("ahead of the clock", late(ts=NOW + 30_001), "ClockSkew")
    add("own, without self", late(from_=OWN), "Replayed")
    add("own, with self", late(from_=OWN, flags=3))
    add("of another realm", late(realm="realm2"), "WrongRealm")
    add("counter used by an old one", [late(n=5), late(n=5)])
    add("an old one leaves its counter free", [late(n=5), m.message("publish", "box", n=5)])
    young = {"ts": NOW - 100_000}
    add("a young one uses up its counter", [late(n=5, **young), m.message("publish", "box", n=5)], "Replayed")
    add("a young one moves the window", [late(n=9000, **young), m.message("publish", "box", n=1)], "Replayed")
    add("an old one doesn't move the window", [late(n=9000), m.message("publish", "box", n=1)])
    add("old by max age and skew", [late(n=5, ts=NOW - 330_000), m.message("publish", "box", n=5)], "Replayed")
    add("older than max age and skew", [late(n=5, ts=NOW - 330_001), m.message("publish", "box", n=5)])
    add("a late one behind the window", [m.message("publish", "box", n=9000), late(n=1)])
    add("a late one with a used counter", [m.message("publish", "box", n=5), late(n=5)])
    live = m.message("publish", "box", flags=2)
    again = live | {"details": {"retained": True}}
    add("live, then late", [live, again], "Replayed")
    add("late, then live", [again, live], "Replayed")
    add("live twice", [live, live], "Replayed")
    add("live without keep, then said to be retained", [m.message("publish", "box", flags=0)] * 2, "Replayed")
    add("live with keep, where none was asked for", live, retained=False)
    add("live with keep, then again as retained, where none was asked for", [live, again], "Replayed", retained=False)


def of_progress(m):
    """Chunks and progressive results: gaps, swaps, cut-offs."""
    for key in ("box", "shared"):
        first = m.message("call_progress", key)
        of = {"re": first["nonce"], "n": 2}
        rest = [m.message("call_progress", key, seq=1, **of), m.message("call", key, seq=2, **of | {"n": 3})]
        m.add(f"chunks/{key}/three", "call", key, [first, *rest])
        m.add(f"chunks/{key}/counters repeat", "call", key, [first, m.message("call", key, **of | {"seq": 1, "n": 1})])
        m.add(f"chunks/{key}/two calls in three", "call", key, [first, *rest, m.message("call", key, n=9)])
        for last in ("call_progress", "call"):
            def bad(name, reason, before=(first,), what=last, **changes):
                message = m.message(what, key, **of | {"seq": len(before)} | changes)
                m.add(f"chunks/{key}/{last}: {name}", what, key, [*before, message], reason)
            bad("one left out", "Gap", seq=2)
            bad("one again", "Gap", seq=0)
            bad("greatest number", "Gap", seq=(1 << 64) - 1)
            bad("no re", "WrongRequest", re=None)
            bad("re of another call", "WrongRequest", re=fixed("another", 24))
            bad("another Session goes on", "WrongRequest", from_=OTHER)
            bad("another realm", "WrongRealm", realm="realm2")
            bad("another procedure", "WrongURI", uri=PATTERN + "y")
            bad("too old", "Stale", ts=NOW - 300_001)
            bad("ahead of the clock", "ClockSkew", ts=NOW + 30_001)
            other = m.message("call" if last == "call_progress" else "call_progress", key, seq=1, **of) | {"details": TYPES[last][5]}
            m.add(f"chunks/{key}/{last}: as the other kind", "call", key, [first, other], "WrongKind")
            whole = m.message(last, key, seq=1, **of)
            again = first | {"details": TYPES[last][5]}
            m.add(f"chunks/{key}/{last}: the first once more", "call", key, [first, again], "WrongRequest" if last == "call_progress" else "WrongKind")
            m.add(f"chunks/{key}/{last}: plain", "call", key, [first, m.plain(last)], "Plaintext")
            m.add(f"chunks/{key}/{last}: parts", "call", key, [first, whole | {"args": [1]}], "Malformed")
            m.add(f"chunks/{key}/{last}: under another key id", "call", key, [first, m.changed(whole, flip(m.payload(whole), 5))], "NotOpened")
            m.add(f"chunks/{key}/{last}: changed", "call", key, [first, m.changed(whole, flip(m.payload(whole), 60))], "NotOpened")
            m.add(f"chunks/{key}/{last}: of autobahn", "call", key, [first, m.message(last, "autobahn")], "NotOpened")
        m.add(f"chunks/{key}/refused one uses up no number", "call", key, [first, rest[0], rest[1]])
        m.add(f"chunks/{key}/swapped", "call", key, [first, m.message("call_progress", key, **of | {"seq": 2})], "Gap")
        for last in ("progress", "result", "error"):
            before = [m.message("progress", key, seq=0), m.message("progress", key, seq=1, n=2)]
            m.add(f"answers/{key}/{last} behind two", last, key, [*before, m.message(last, key, seq=2, n=3)])
            for name, change, reason in (("again", {"seq": 1}, "Gap"), ("left out", {"seq": 3}, "Gap"), ("cut off", {"seq": 0}, "Gap"),
                                         ("another Session", {"seq": 2, "from_": OTHER}, "WrongRequest"),
                                         ("re of another call", {"seq": 2, "re": fixed("another", 24)}, "WrongRequest")):
                m.add(f"answers/{key}/{last} behind two: {name}", last, key, [*before, m.message(last, key, **change)], reason)
            m.add(f"answers/{key}/{last} behind two: the last once more", last, key, [*before, before[1] | {"details": TYPES[last][5]}]
                  if last != "error" else [*before, {**before[1], "type": "ERROR", "error": "wampbox.error", "details": {}}],
                  "Gap" if last == "progress" else "WrongKind")
            m.add(f"answers/{key}/{last} behind two: plain", last, key, [*before, m.plain(last)], "Plaintext")
            m.add(f"answers/{key}/refusal behind two {last}", "refusal", key, [*before, m.message("refusal", key)], expect=refused("refusal"))
            m.add(f"answers/{key}/{last} sent first", last, key, [m.message(last, key, seq=1)], "Gap")
        m.add(f"answers/{key}/a call reflected as its result", "result", key,
              m.message("call", key, nonce=TOKEN) | {"type": "RESULT"}, "WrongKind" if key == "box" else "NotOpened")
        m.add(f"answers/{key}/a call reflected as an error", "error", key,
              m.message("call", key, nonce=TOKEN) | {"type": "ERROR", "error": "wampbox.error"}, "WrongKind" if key == "box" else "NotOpened")
    for key in FOREIGN:
        chunk, last = m.message("call_progress", key), m.message("call", key)
        m.add(f"chunks/{key}/two", "call", key, [chunk, last])
        m.add(f"chunks/{key}/plain behind a sealed one", "call", key, [chunk, m.plain("call")], "Plaintext")
        m.add(f"chunks/{key}/another uri", "call", key, [chunk, m.message("call", key, uri=PATTERN + "y")], "WrongURI")
        m.add(f"chunks/{key}/ours behind one of theirs", "call", key, [chunk, m.message("call", "box")], "NotOpened")
        m.add(f"answers/{key}/progress, then the result", "result", key, [m.message("progress", key), m.message("result", key)])
    bare = {"details": {}}
    for key in ("secretbox", "aes"):
        chunk = m.message("call_progress", key)
        for name, message, reason in (
                ("bytes", m.message("call", key) | bare, None), ("progress too", m.message("call_progress", key) | {"details": {"progress": True}}, None),
                ("one byte", m.plain("call", args=[b"\1"]), "NotOpened"), ("no bytes", m.plain("call", args=[b""]), "Plaintext"),
                ("too long", m.plain("call", args=[{FILL: MAX_PAYLOAD + 1}]), "TooLarge"),
                ("two arguments", m.plain("call", args=[b"\1" * 60, 1]), "Plaintext"), ("no argument", m.plain("call", args=[]), "Plaintext"),
                ("a text", m.plain("call", args=["plain text"]), "Plaintext"),
                ("a keyword argument", m.message("call", key) | bare | {"kwargs": {"a": 1}}, "Plaintext"),
                ("no keyword arguments", m.message("call", key) | bare | {"kwargs": {}}, None), ("null", m.message("call", key) | bare | {"kwargs": None}, None),
                ("another uri", m.message("call", key, uri=PATTERN + "y") | bare, "WrongURI"), ("changed", m.changed(m.message("call", key) | bare, b"\1" * 90), "NotOpened")):
            m.add(f"bare chunks/{key}/{name}", "call", key, [chunk, message], reason)
        for name, shape in SHAPES.items():
            message = m.message("call", key) | bare
            m.add(f"bare chunks/{key}/as {name}", "call", key, [chunk, m.changed(message, shape(m.payload(message)))])
        m.add(f"bare chunks/{key}/first", "call", key, m.message("call", key) | bare, "Plaintext")
        m.add(f"bare chunks/{key}/result", "result", key, m.message("result", key) | bare, "Plaintext")


def flip(payload, at, bit=1):
    payload = bytearray(payload)
    payload[at] ^= bit
    return bytes(payload)


def encoded(payload):
    return base64.b64encode(payload).decode()


SHAPES = {"bytes": bytes, "U+0000 and base64": lambda p: "\0" + encoded(p), "base64": encoded, "tag 64": Tag64, "a list of integers": list}
NO_SHAPES = {"null": lambda p: None, "a number": lambda p: 1, "true": lambda p: True, "a map": lambda p: {"bytes": p}, "a list in a list": lambda p: [list(p)],
             "integers beyond a byte": lambda p: [256, *p], "negative integers": lambda p: [-1, *p], "floats": lambda p: [1.0, *p],
             "a list with null": lambda p: [None, *p], "a list with true": lambda p: [True, *p], "base64 without padding": lambda p: encoded(p[:len(p) // 3 * 3] + b"\1").rstrip("="),
             "base64url": lambda p: "-_" + encoded(p)[2:], "U+0000 and no base64": lambda p: "\0" + encoded(p) + "!", "U+0000 alone": lambda p: "\0",
             "U+0000 twice": lambda p: "\0\0" + encoded(p), "no base64": lambda p: "~" + encoded(p), "an empty text": lambda p: "", "a space in base64": lambda p: encoded(p)[:8] + " " + encoded(p)[8:]}


def of_payloads(m):
    """What stands where a payload has to stand, and payloads that were changed."""
    for key in OURS:
        for what in ("publish", "call", "result", "error") if key == "xbox" else ("publish",):
            good = m.message(what, key)
            p = m.payload(good)
            changes = {"bit of the key id changed": (flip(p, 1), "NotOpened"), "last bit of the key id changed": (flip(p, 16, 128), "NotOpened"),
                       "nonce changed": (flip(p, 17), "NotOpened"), "last of the nonce changed": (flip(p, 40), "NotOpened"),
                       "first sealed byte changed": (flip(p, 41), "NotOpened"), "last byte changed": (flip(p, -1, 128), "NotOpened"),
                       "a byte behind": (p + b"\0", "NotOpened"), "cut by a byte": (p[:-1], "NotOpened"), "cut to 57": (p[:57], "NotOpened"),
                       "cut to 56": (p[:56], "Malformed"), "cut to its head": (p[:41], "Malformed"), "one byte": (p[:1], "Malformed"),
                       "none": (b"", "Malformed"), "a byte in front": (b"\1" + p, "NotOpened"), "twice": (p + p, "NotOpened")}
            for suite in (0, 1, 2, 3, 4, 5, 6, 64, 255):
                if suite != p[0]:
                    changes[f"suite {suite}"] = (bytes([suite]) + p[1:], "NotOpened" if 1 <= suite <= 5 else "Malformed")
            for name, (payload, reason) in changes.items():
                m.add(f"payloads/{key}/{what}/{name}", what, key, m.changed(good, payload), reason)
    for what in ("publish", "call", "error"):
        good = m.message(what, "box")
        for name, shape in NO_SHAPES.items():
            m.add(f"payloads/{what} as {name}", what, "box", m.changed(good, shape(m.payload(good))), "Malformed")
    for what in ("publish", "call", "result", "error"):
        for name, shape in SHAPES.items():
            for key in ("xbox", "secretbox"):
                good = m.message(what, key)
                m.add(f"payloads/{key}/{what} as {name}", what, key, m.changed(good, shape(m.payload(good))))
            good = m.message(what, "autobahn")
            in_place = name in ("bytes", "U+0000 and base64", "tag 64")
            m.add(f"payloads/autobahn/{what} as {name}", what, "autobahn", m.changed(good, shape(m.payload(good))), None if in_place else "Malformed")
        good = m.message(what, "secretbox")
        for name, shape in NO_SHAPES.items() if what == "result" else ():
            m.add(f"payloads/secretbox/{what} as {name}", what, "secretbox", m.changed(good, shape(m.payload(good))), "Malformed")
        good = m.message(what, "autobahn")
        for name in ("U+0000 and no base64", "U+0000 alone", "an empty text", "true"):
            m.add(f"payloads/autobahn/{what} as {name}", what, "autobahn", m.changed(good, NO_SHAPES[name](m.payload(good))), "Malformed")
        for key in ("box", "autobahn", "secretbox", "aes"):
            m.add(f"payloads/{key}/{what} beyond the limit", what, key, m.changed(m.message(what, key), {FILL: MAX_PAYLOAD + 1}), "TooLarge")
        for key in FOREIGN if what != "result" else ():
            good = m.message(what, key)
            p = m.payload(good)
            for name, payload, reason in (("nonce changed", flip(p, 0), "NotOpened"), ("box changed", flip(p, 30), "NotOpened"), ("last byte changed", flip(p, -1), "NotOpened"),
                                          ("a byte behind", p + b"\0", "NotOpened"), ("cut by a byte", p[:-1], "NotOpened"), ("cut to its nonce", p[:24], "NotOpened"),
                                          ("no room for a tag", p[:27 if key == "aes" else 39], "NotOpened"), ("one byte", p[:1], "NotOpened"), ("none", b"", "Malformed")):
                m.add(f"payloads/{key}/{what}/{name}", what, key, m.changed(good, payload), reason)


def of_parts(m):
    """Parts of envelopes, and of several dialects together."""
    for what in ("publish", "call", "call_progress", "result", "error"):
        box, auto, pass_ = (m.message(what, k) for k in ("box", "autobahn", "secretbox"))
        details = lambda message, **more: message | {"details": message["details"] | more}
        without = lambda message, name: message | {"details": {k: v for k, v in message["details"].items() if k != name}}
        plain = m.plain(what)
        parts = {
            "enc and an argument": (box | {"args": [1]}, "box"), "enc and another keyword argument": (box | {"kwargs": box["kwargs"] | {"a": 1}}, "box"),
            "enc and something behind it": (box | {"behind": [1]}, "box"), "enc and null behind it": (box | {"behind": [None]}, "box"),
            "enc and enc_algo": (details(box, enc_algo="cryptobox"), "box"), "enc and enc_x": (details(box, enc_x=1), "box"),
            "enc and ppt_scheme": (details(box, ppt_scheme="wamp"), "box"), "enc and ppt_x null": (details(box, ppt_x=None), "box"),
            "enc and enc_": (details(box, enc_=1), "box"), "enc and a whole envelope of autobahn": (auto | {"kwargs": box["kwargs"]}, "box"),
            "enc and a whole envelope of passthru": (pass_ | {"kwargs": box["kwargs"]}, "box"), "enc and bytes in place of arguments": ({k: v for k, v in box.items() if k != "args"} | {"binary": b"x"}, "box"),
            "enc and a map in place of arguments": ({k: v for k, v in box.items() if k != "args"} | {"binary": {}}, "box"),
            "enc_algo alone": (details(plain, enc_algo="cryptobox"), "box"), "ppt_scheme alone": (details(plain, ppt_scheme="x_custom"), "box"),
            "ppt_scheme null": (details(plain, ppt_scheme=None), "box"), "bytes in place of arguments": ({k: v for k, v in plain.items() if k != "args"} | {"binary": b"x"}, "box"),
            "text in place of arguments": ({k: v for k, v in plain.items() if k != "args"} | {"binary": "text"}, "box"), "a number in place of arguments": ({k: v for k, v in plain.items() if k != "args"} | {"binary": 1}, "box"),
            "a map in place of arguments": ({k: v for k, v in plain.items() if k != "args"} | {"binary": {"a": 1}}, "box"), "a list in place of keyword arguments": (plain | {"kwargs": []}, "box"),
            "bytes in place of keyword arguments": (plain | {"kwargs": b"x"}, "box"), "something behind keyword arguments": (plain | {"kwargs": {}, "behind": [{}]}, "box"),
            "autobahn and keyword arguments": (auto | {"kwargs": {"a": 1}}, "autobahn"), "autobahn and no keyword arguments": (auto | {"kwargs": {}}, "autobahn"),
            "autobahn and null behind": (auto | {"kwargs": None}, "autobahn"), "autobahn without enc_algo": (without(auto, "enc_algo"), "autobahn"),
            "autobahn without enc_serializer": (without(auto, "enc_serializer"), "autobahn"), "autobahn without its bytes": ({k: v for k, v in auto.items() if k != "binary"}, "autobahn"),
            "autobahn with arguments": ({k: v for k, v in auto.items() if k != "binary"} | {"args": [m.payload(auto)]}, "autobahn"), "autobahn with enc_x": (details(auto, enc_x=1), "autobahn"),
            "autobahn and ppt_scheme": (details(auto, ppt_scheme="wamp"), "autobahn"), "autobahn, bytes without attributes": (auto | {"details": plain["details"]}, "autobahn"),
            "passthru and an argument": (pass_ | {"args": pass_["args"] + [1]}, "secretbox"), "passthru and a keyword argument": (pass_ | {"kwargs": {"a": 1}}, "secretbox"),
            "passthru, no argument": (pass_ | {"args": []}, "secretbox"), "passthru, null": (pass_ | {"args": None}, "secretbox"), "passthru, something behind": (pass_ | {"kwargs": {}, "behind": [1]}, "secretbox"),
            "passthru without ppt_scheme": (without(pass_, "ppt_scheme"), "secretbox"), "passthru without ppt_serializer": (without(pass_, "ppt_serializer"), "secretbox"),
            "passthru without ppt_cipher": (without(pass_, "ppt_cipher"), "secretbox"), "passthru with ppt_x": (details(pass_, ppt_x=1), "secretbox"), "passthru and enc_algo": (details(pass_, enc_algo="cryptobox"), "secretbox"),
            "passthru, bytes in place of arguments": ({k: v for k, v in pass_.items() if k != "args"} | {"binary": m.payload(pass_)}, "secretbox"),
        }
        for algorithm in ("", "CRYPTOBOX", "aes256gcm", "x_", "x_a", "x_1a", "X_other", "x_Other", "x_other\n", "mqtt ", 1, None, ["cryptobox"]):
            parts[f"autobahn with enc_algo {algorithm!r}"] = (details(auto, enc_algo=algorithm), "autobahn")
        for serializer in ("cbor", "msgpack", "JSON", "", None, 1):
            parts[f"autobahn with enc_serializer {serializer!r}"] = (details(auto, enc_serializer=serializer), "autobahn")
        for name, values in {"ppt_scheme": ("x_custom", "mqtt", "", None), "ppt_serializer": ("json", "native", "", None), "ppt_cipher": ("chacha", "XSalsa20Poly1305", "", None, 1),
                             "ppt_keyid": ("", "a" * 257, "é" * 129, "a\nb", "\x7f", "\x80", None, 1)}.items():
            for value in values:
                parts[f"passthru with {name} {str(value)[:8]!r} {len(str(value))}"] = (details(pass_, **{name: value}), "secretbox")
        for name, (message, key) in parts.items():
            if what == "call" or fixed(name)[0] % 5 == KIND_NAMES.index(what):
                m.add(f"parts/{what}/{name}", what, key, message, "Malformed")
        for name, value in (("enc_key", "id"), ("enc_key", None), ("enc_key", ["x"]), ("other", "enc_")):
            m.add(f"parts/{what}/autobahn with {name} {value!r}", what, "autobahn", details(auto, **{name: value}))
        for algorithm in ("mqtt", "xbr", "x_ab", "x_other_1"):
            m.add(f"parts/{what}/autobahn with enc_algo {algorithm}", what, "autobahn", details(auto, enc_algo=algorithm), "NotOpened")
        m.add(f"parts/{what}/passthru without a key id", what, "secretbox", without(pass_, "ppt_keyid"))
        for kwargs in ({}, None):
            m.add(f"parts/{what}/passthru, kwargs {kwargs}", what, "secretbox", pass_ | {"kwargs": kwargs})
        m.add(f"parts/{what}/enc and null in place of arguments", what, "box", box | {"args": None})
        m.add(f"parts/{what}/passthru with another key id", what, "secretbox", details(pass_, ppt_keyid="a" * 256), "NotOpened")
        m.add(f"parts/{what}/passthru with the other cipher", what, "secretbox", details(pass_, ppt_cipher="aes256gcm"), "NotOpened")
        m.add(f"parts/{what}/aes with the other cipher", what, "aes", details(m.message(what, "aes"), ppt_cipher="xsalsa20poly1305"), "NotOpened")
        for mine, theirs in (("box", "xbox"), ("box", "shared"), ("xbox", "box"), ("shared", "xbox"), ("box", "autobahn"), ("autobahn", "box"), ("box", "secretbox"),
                             ("secretbox", "box"), ("autobahn", "secretbox"), ("aes", "autobahn"), ("secretbox", "secretbox shared"), ("secretbox", "aes")):
            message = m.message(what, theirs)
            reason = "WrongURI" if what == "error" and m.keys[mine].dialect == "wampbox" and m.keys[theirs].dialect != "wampbox" else "NotOpened"
            m.add(f"dialects/{what} for {mine} sealed with {theirs}", what, mine, message, reason)
        for key in ("secretbox", "secretbox shared", "aes", "autobahn", "both"):
            m.add(f"dialects/{what}/{key}", what, key, m.message(what, key))


def of_places(m):
    """Patterns, plain messages, roles, and what was asked for."""
    y, closed = PATTERN + "y", "com.other.x"
    for what, name in (("publish", "topic"), ("call", "procedure")):
        for match, pattern in (("prefix", PATTERN), ("prefix", PATTERN[:-1]), ("wildcard", "com.myapp.encrypted."), ("wildcard", "com..encrypted.")):
            for key in ("box", "autobahn", "aes"):
                m.add(f"places/{what}, {match} {pattern}, {key}", what, key, m.message(what, key, details={name: URI}), uri=pattern, match=match)
            wide = {"uri": pattern, "match": match}
            m.add(f"places/{what}, {match} {pattern}, another in it", what, "box", m.message(what, "box", details={name: y}, uri=URI), "WrongURI", **wide)
            for value in (closed, PATTERN[:-2], "com.myapp.encrypted" + ("x.y.z" if match == "wildcard" else "")[:5] if match == "wildcard" else "COM.myapp.encrypted.x", "", None, 1, [URI]):
                m.add(f"places/{what}, {match} {pattern}, {name} {value!r}", what, "box", m.message(what, "box", details={name: value}), "WrongURI", **wide)
            m.add(f"places/{what}, {match} {pattern}, no {name}", what, "box", m.message(what, "box"), "WrongURI", **wide)
            m.add(f"places/{what}, {match} {pattern}, plain without {name}", what, "box", m.plain(what), "WrongURI", **wide)
            m.add(f"places/{what}, {match} {pattern}, autobahn without {name}", what, "autobahn", m.message(what, "autobahn"), "WrongURI", **wide)
        m.add(f"places/{what}, exact, whatever the details say", what, "box", m.message(what, "box", details={name: y}))
        m.add(f"places/{what}, exact, {name} is no text", what, "box", m.message(what, "box", details={name: 1}))
        for key in ("box", "autobahn", "secretbox"):
            m.add(f"places/{what}, plain, {key}", what, key, m.plain(what), "Plaintext")
            m.add(f"places/{what}, nothing at all, {key}", what, key, m.plain(what, args=[]), "Plaintext")
            m.add(f"places/{what}, plain and closed, {key}", what, key, m.plain(what), "NoKey", uri=closed)
            m.add(f"places/{what}, sealed and closed, {key}", what, key, m.message(what, key, uri=closed), "NoKey", uri=closed)
            m.add(f"places/{what}, parts and closed, {key}", what, key, m.message(what, key, uri=closed, details={"enc_x": 1}), "Malformed", uri=closed)
            m.add(f"places/{what}, sealed and plain, {key}", what, key, m.message(what, key, uri="wamp.x"), "NoKey", uri="wamp.x")
            if key != "secretbox":
                m.add(f"places/{what} for the originator's half, {key}", what, key, m.message(what, key), "WrongRole", role="originator")
        m.add(f"places/{what}, plain and plain", what, "box", m.plain(what, args=[1], kwargs={"a": b"x"}), uri="wamp.x")
        m.add(f"places/{what}, plain and plain, nothing", what, "box", m.plain(what, kwargs=None), uri="wamp.x")
        m.add(f"places/{what} for the pattern of wampbox.error", what, "box", m.plain(what), "NoKey", uri="wampbox.error")
        m.add(f"places/{what} for the empty topic of a prefix", what, "box", m.message(what, "box", details={name: ""}), "NoKey", uri="", match="prefix")
        for uri in ("com.myapp.encrypted", "Com.myapp.encrypted.x", "wampbox.error.x"):
            m.add(f"places/{what}, {uri} is closed", what, "box", m.message(what, "box", uri=uri), "NoKey", uri=uri)
    for second in ("call", "call_progress"):
        chunks = lambda key, name, of=None: [first := m.message("call_progress", key, details={"procedure": URI}),
                                             m.message(second, key, **({} if key != "box" else {"re": first["nonce"], "seq": 1, "n": 2}), details={} if name is None else {"procedure": name})]
        for key in ("box", "autobahn", "secretbox"):
            for name in (None, URI):
                m.add(f"places/{second} behind a chunk that names {name}, {key}", "call", key, chunks(key, name), uri=PATTERN, match="prefix")
            for name in (y, "", 1):
                m.add(f"places/{second} behind a chunk that names {name!r}, {key}", "call", key, chunks(key, name), "WrongURI", uri=PATTERN, match="prefix")
    for what in ("call", "call_progress"):
        before = m.plain("call_progress")
        m.add(f"places/plain {what} behind a plain one", "call", "box", [before, m.plain(what)], uri="wamp.x")
        m.add(f"places/sealed {what} behind a plain one", "call", "box", [before, m.message(what, "box", uri="wamp.x")], "WrongRequest", uri="wamp.x")
        m.add(f"places/autobahn's {what} behind a plain one", "call", "box", [before, m.message(what, "autobahn")], "WrongRequest", uri="wamp.x")
        m.add(f"places/parts in {what} behind a plain one", "call", "box", [before, m.plain(what) | {"details": TYPES[what][5] | {"ppt_x": 1}}], "Malformed", uri="wamp.x")
    for key in ("box", "autobahn", "aes"):
        for what in ("result", "progress"):
            m.add(f"places/plain {what} of a plain call, {key}", what, key, m.plain(what), call="plain")
            m.add(f"places/sealed {what} of a plain call, {key}", what, key, m.message(what, key), "WrongRequest", call="plain")
            m.add(f"places/parts in {what} of a plain call, {key}", what, key, m.plain(what) | {"details": TYPES[what][5] | {"enc_x": 1}}, "Malformed", call="plain")
            m.add(f"places/plain {what} of a sealed call, {key}", what, key, m.plain(what), "Plaintext")
    for value in (False, 1, "true", None):
        m.add(f"places/progress is {value!r}", "result", "box", m.message("result", "box", details={"progress": value}))
        m.add(f"places/progress is {value!r} of a call", "call", "box", m.message("call", "box", details={"progress": value}))
        m.add(f"places/progress is {value!r}, sealed as progress", "result", "box", m.message("progress", "box", details={"progress": value}), "WrongKind")


def of_errors(m):
    """ERROR at the caller: errors of handlers, refusals, plain ones, and forged ones."""
    def add(name, key, message, reason=None, **more):
        m.add(f"errors/{name}", "error", key, message, reason, **more)

    for key in OURS:
        of = m.keys[key]
        begins = bytes([of.suite]) + of.id
        noise = lambda size, b=begins: b + fixed("noise") * 20 if size is None else (b + fixed("noise") * 40)[:size]
        forged = m.plain("error", "wampbox.error", args=[])
        for uri in ("com.other.error", "wamp.error.runtime_error", PATTERN + "e", "wampbox.error.x"):
            add(f"{key}/hidden {uri}", key, m.message("error", key, uri=uri))
        add(f"{key}/random of 256", key, forged | {"kwargs": {"enc": noise(256)}}, expect={"refused": True})
        for size in (57, 255, 257, 512):
            add(f"{key}/random of {size}", key, forged | {"kwargs": {"enc": noise(size)}}, "NotOpened")
        add(f"{key}/random, another id", key, forged | {"kwargs": {"enc": noise(256, begins[:1] + fixed("id", 16))}}, "NotOpened")
        add(f"{key}/random, another suite", key, forged | {"kwargs": {"enc": noise(256, bytes([of.suite % 3 + 1]) + of.id)}}, "NotOpened")
        add(f"{key}/random, suite 4", key, forged | {"kwargs": {"enc": noise(256, b"\4" + of.id)}}, "NotOpened")
        refusal = m.message("refusal", key, write_record(m.record("refusal"), 199))
        add(f"{key}/refusal changed", key, m.changed(refusal, flip(m.payload(refusal), 200)), expect={"refused": True})
        for reason in ("Plaintext", "NoKey", "WrongRole", "Malformed", "NotOpened", "WrongURI", "WrongKind", "WrongRealm", "WrongRequest", "Gap",
                       "Replayed", "Stale", "ClockSkew", "StoreDown", "TooLarge"):
            r = m.record("refusal", args=[reason, NOW + 400_000])
            add(f"{key}/refusal, {reason}", key, m.message("refusal", key, write_record(r, 199)), expect=refused("refusal", reason, NOW + 400_000))
        for name, reason in (("unheard of", "Whatever"), ("empty", ""), ("of another case", "stale")):
            add(f"{key}/refusal, reason {name}", key, m.message("refusal", key, args=[reason, 0]), expect=refused("refusal", "unknown", 0))
        for name, change in {"old": {"ts": 0}, "ahead": {"ts": NOW + DAY}, "of another Session": {"from_": OTHER}, "with a number": {"seq": 7}, "the latest": {"ts": (1 << 63) - 1}}.items():
            add(f"{key}/refusal {name} counts all the same", key, m.message("refusal", key, **change), expect=refused("refusal"))
        add(f"{key}/refusal of another size", key, m.message("refusal", key, write_record(m.record("refusal"), 500)), expect=refused("refusal"))
        for what in ("error", "refusal"):
            for uri in (ERROR_URI, "wampbox.error.sealed_only", "wamp.error.runtime_error", "wampbox.errors", "Wampbox.error"):
                add(f"{key}/{what} under {uri}", key, m.message(what, key, error=uri), "WrongURI")
        for uri in ("wampbox.error.sealed_only", "wampbox.error", "com.other.error", ERROR_URI, "wamp", "Wamp.error", "wampx.error"):
            add(f"{key}/plain {uri}", key, m.plain("error", uri), "Plaintext")
        for uri in ("wamp.error.no_such_procedure", "wamp.error.no_payload_codec", "wamp.error.unavailable", "wamp.x"):
            add(f"{key}/plain {uri}", key, m.plain("error", uri, args=["shown to nobody"], kwargs={"a": 1}))
        message = m.message("error", key)
        add(f"{key}/under the key of the other direction", key, m.message("error", key, direction=MESSAGES) if of.suite > 1 else m.changed(message, flip(m.payload(message), 60)), "NotOpened")
        add(f"{key}/refusal under the key of the other direction", key, m.message("refusal", key, direction=MESSAGES, args=["Stale", 5]) if of.suite > 1 else m.message("refusal", key, re=None), "NotOpened" if of.suite > 1 else "WrongRequest")
        add(f"{key}/sealed, of a plain call", key, m.message("error", key), "WrongRequest", call="plain")
        add(f"{key}/refusal of a plain call", key, m.message("refusal", key), "WrongRequest", call="plain")
        for uri in ("com.other.error", "wampbox.error.sealed_only", ERROR_URI, "wamp.error.x"):
            add(f"{key}/plain {uri} of a plain call", key, m.plain("error", uri), call="plain")
        add(f"{key}/of autobahn, of a plain call", key, m.message("error", "autobahn"), "NotOpened", call="plain")
        add(f"{key}/of autobahn, of a plain call, closed", key, m.message("error", "autobahn", error="com.other.error", uri="com.other.error"), "NoKey", call="plain")
    for key in (*FOREIGN, "both"):
        for call in ("sealed", "plain"):
            add(f"{key}/of a {call} call", key, m.message("error", key), call=call)
            add(f"{key}/of a {call} call, no key", key, m.message("error", key, error="com.other.error", uri="com.other.error"), "NoKey", call=call)
            add(f"{key}/of a {call} call, another uri", key, m.message("error", key, error=PATTERN + "e"), "WrongURI", call=call)
            add(f"{key}/of a {call} call, plain", key, m.plain("error", "com.other.error"), call=call)
            add(f"{key}/of a {call} call, plain with a key", key, m.plain("error", ERROR_URI), call=call)
            add(f"{key}/of a {call} call, the protocol's", key, m.plain("error", "wamp.error.encryption.trusted_uri_mismatch"), call=call)
            add(f"{key}/of a {call} call, ours", key, m.message("error", "box"), "NotOpened" if call == "sealed" else "WrongRequest", call=call)
        add(f"{key}/refused as ours", key, m.plain("error", "wampbox.error.sealed_only"), None)
    for what in ("autobahn", "secretbox"):
        other = "secretbox" if what == "autobahn" else "autobahn"
        add(f"{what}/of another dialect", what, m.message("error", other), "NotOpened")
        for call in ("sealed", "plain"):
            add(f"{what}/{call} call, the responder's half", what, m.message("error", what), "WrongRole", role="responder", call=call)


def of_foreign_records(m):
    """Records of autobahn and passthru."""
    for case in TABLES["foreign"]:
        plaintext = case["text"].encode() if "text" in case else bytes.fromhex(case["hex"])
        message = m.message("publish", case["key"], plaintext)
        message["expect"] = {"record": unmark(case.get("record"))}
        m.add(f"records/{case['key']}/{case['name']}", "publish", case["key"], message, case.get("reason"))


def of_sealing(m):
    """What sealing has to give, byte for byte."""
    simple = [("args", {"args": ["Hello", 23], "kwargs": None}), ("neither", {"args": None, "kwargs": None}), ("empty", {"args": [], "kwargs": {}}),
              ("values", {"args": [None, True, False, 2**64, -2**64 - 1, 3.0, 0.1, float("inf"), b"\0", "ü", EPOCH + timedelta(days=1), EPOCH + timedelta(milliseconds=1500)], "kwargs": {"a": [[], {}]}}),
              ("integers", {"args": [0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**64 - 1, -1, -24, -25, -256, -257, -2**64, 2**1024 - 1, 1 - 2**1024], "kwargs": None})]
    for key in OURS:
        for what in KIND_NAMES:
            for name, change in simple if what != "refusal" else [("Stale", {})]:
                m.seal(f"{key}/{what}/{name}", key, what, **change)
            m.seal(f"{key}/{what}/padded", key, what, 256 if what != "refusal" else 199, **(simple[0][1] if what != "refusal" else {}))
        for flags in (1, 2, 3):
            m.seal(f"{key}/publish/flags {flags}", key, "publish", flags=flags, seq=None, **simple[0][1])
        chunk = {"re": TOKEN, "seq": 300, "n": (1 << 64) - 1, "ts": (1 << 63) - 1, **simple[0][1]}
        for what in ("call", "call_progress", "result"):
            m.seal(f"{key}/{what}/a later one", key, what, **chunk)
        least = len(write_record(m.record("publish", **simple[0][1]))) + 5
        for more in (0, 1, 300):
            m.seal(f"{key}/publish/padding of {more}", key, "publish", least + more, **simple[0][1])


def make():
    m = Maker()
    for name, add in inspect.getmembers(sys.modules[__name__], inspect.isfunction):
        if name.startswith("of_"):
            add(m)
    sizes = [0, 1, 2, 3, 8, 9, 31, 33, 100, 129, 144, 145, 199, 255, 256, 257, 1000, 4097, 65535, 65537, 10**6, (1 << 24) - 1, 1 << 24]
    return {"about": "Vectors of docs/FORMAT.md, made by python -m wampbox vectors. The keys are samples: never use them for anything else.",
            "format": 2, "realm": REALM, "now": NOW, "own_from": mark(OWN), "pattern": {"uri": PATTERN, "match": "prefix"},
            "keys": m.entries, "padme": [[n, padme(n)] for n in sizes], "key_texts": key_texts(),
            "sealing": m.sealing, "positive": m.positive, "negative": m.negative}


def dump(document):
    """JSON with a line for each entry of a list, so that changes are seen."""
    parts = []
    for name, value in document.items():
        text = json.dumps(value, sort_keys=True)
        if isinstance(value, list):
            text = "[\n" + ",\n".join(json.dumps(v, sort_keys=True) for v in value) + "\n]"
        parts.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
