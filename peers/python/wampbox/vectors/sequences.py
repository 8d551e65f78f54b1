"""Vectors of what a record says of itself, of messages one after the other, and of errors."""
from ..envelope import MAX_PAYLOAD
from ..keys import ANSWERS, MESSAGES
from ..record import write_record
from ..session import NO_CODEC, REFUSAL_REASONS
from .maker import DAY, ERROR_URI, FOREIGN, NOW, OTHER, OURS, OWN, PATTERN, SHAPES, SIX, TOKEN, TYPES, URI
from .maker import fixed, flip, refused

GREATEST, LATEST, ANOTHER, Y = (1 << 64) - 1, (1 << 63) - 1, fixed("another", 24), PATTERN + "y"
ASKING, ANSWERING = SIX[:3], SIX[3:]
# What is wrong in records of which kinds; all suites have the first two. No time is wrong in an answer
WRONG = (
    (SIX, "realm", dict(realm="realm2"), "WrongRealm"),
    (SIX, "realm of another case", dict(realm="Realm1"), "WrongRealm"),
    (SIX, "ahead of the clock", dict(ts=NOW + 30_001), "ClockSkew"),
    (SIX, "latest ts", dict(ts=LATEST), "ClockSkew"),
    (SIX, "earliest ts", dict(ts=0), "Stale"),
    (SIX, "a day old", dict(ts=NOW - DAY), "Stale"),
    (SIX, "too old", dict(ts=NOW - 300_001), "Stale"),
    (SIX[:5], "uri", dict(uri=Y), "WrongURI"),
    (SIX[:5], "uri that goes on", dict(uri=URI + "y"), "WrongURI"),
    (SIX[1:], "seq 1", dict(seq=1), "Gap"),
    (SIX[1:], "greatest seq", dict(seq=GREATEST), "Gap"),
    (SIX[1:], "another re", dict(re=ANOTHER), "WrongRequest"),
    (ANSWERING, "no re", dict(re=None), "WrongRequest"),
    (ASKING, "before it was asked for", dict(ts=NOW - 30_001), "Stale"),
)


def of_binding(m):
    """What a record says of itself, under each suite."""
    for key in OURS:
        for what, (_, _, _, _, direction, _) in TYPES.items():
            add = m.under(f"binding/{key}/", what, key)
            add(what, {}, expect=refused(what))
            if what == "refusal":
                continue
            for other in TYPES if key != "shared" else ():
                if other != what and (what, other) != ("error", "refusal"):
                    given = {"uri": m.record(what)["uri"], "re": m.record(what)["re"]}
                    given |= {"refusal": {"uri": ""}, "publish": {"re": None}}.get(other, {})
                    add(f"{other} as {what}", dict(plaintext=write_record(m.record(other, **given))),
                        "WrongURI" if other == "refusal" else "WrongKind")
            for kinds, name, change, reason in WRONG if key == "xbox" else WRONG[:2]:
                if what in kinds:
                    add(f"{name} of {what}", change, None if "ts" in change and what in ANSWERING else reason)
            if key != "box":
                other = dict(direction=MESSAGES + ANSWERS - direction)
                add(f"{what} under the key of the other direction", other, "NotOpened")
    m.add("binding/no re of refusal", "refusal", "xbox", dict(re=None), "WrongRequest")
    m.add("binding/another re of refusal", "refusal", "xbox", dict(re=ANOTHER), "WrongRequest")


def of_order(m):
    """Of two faults the first in the order of the document counts, and borders pass."""
    faults = (("uri", dict(uri=Y), "WrongURI"), ("realm", dict(realm="realm2"), "WrongRealm"),
              ("kind", dict(kind=5), "WrongKind"), ("re", dict(re=ANOTHER), "WrongRequest"),
              ("seq", dict(seq=3), "Gap"), ("clock", dict(ts=NOW + DAY), "ClockSkew"))
    for i, (one, change, reason) in enumerate(faults):
        for other, also, _ in faults[i + 1:]:
            what = "call" if other == "clock" else "result"
            m.add(f"order/{one} before {other}", what, "box", change | also, reason)
    add = m.under("order/", "publish", "box")
    add("own event before the clock", dict(from_=OWN, ts=NOW + DAY), "Replayed")
    add("age before the window", [{}, dict(ts=0)], "Stale")
    m.add("order/the record before what it says", "call", "box",
          dict(plaintext=m.raw(m.record("call", realm="realm2"), seq=b"\x20")), "Malformed")
    for what in SIX:
        border = m.under(f"borders/{what} ", what, "box")
        border("ahead by the skew", dict(ts=NOW + 30_000))
        border("as old as max age", dict(ts=NOW - 300_000), skew=400_000)
        old = "Stale" if what in ASKING else None
        border("older by 1 ms than max age", dict(ts=NOW - 300_001), old, skew=400_000)
        if what in ASKING:
            border("before since by the skew", dict(ts=NOW - 30_000))
        border("with the greatest n", dict(n=GREATEST))
        border("with the greatest skew", dict(ts=0), age=9 * 10**12, skew=9 * 10**12)
    for name, change in (
            ("seq null", dict(seq=None)), ("greatest seq", dict(seq=GREATEST)), ("self", dict(flags=1)),
            ("keep", dict(flags=2)), ("self and keep", dict(flags=3)),
            ("own, with self", dict(from_=OWN, flags=1)), ("own, with both", dict(from_=OWN, flags=3))):
        m.add(f"borders/publish {name}", "publish", "shared", change)
    add("own event, no flags", dict(from_=OWN, flags=0), "Replayed")
    add("own event, keep alone", dict(from_=OWN, flags=2), "Replayed")
    for what in ("call", "result", "error"):
        m.add(f"borders/{what} of the own Session", what, "box", dict(from_=OWN))


def of_windows(m):
    """Sequences of first messages: windows, and what uses up no counter."""
    for key in OURS:
        for what in ("publish", "call"):
            add = m.under(f"windows/{key}/{what}", what, key)
            one, top = m.message(what, key), m.message(what, key, n=9000)
            add(" replayed", [one, one], "Replayed")
            add(" with a used counter", [one, dict(args=["other"])], "Replayed")
            add(", the last in the window", [top, dict(n=9000 - 8191)])
            last = m.message(what, key, n=9000 - 8191)
            add(", the last in the window, twice", [top, last, last], "Replayed")
            add(", the first behind the window", [top, dict(n=9000 - 8192)], "Replayed")
            add(", far behind it", [top, dict(n=1)], "Replayed")
    for what in ("publish", "call"):
        add = m.under(f"windows/{what}", what, "box")
        numbers = [m.message(what, "box", n=n) for n in (5, 3, 4, 1, 8192, 2)]
        add(" out of order", numbers)
        add(" out of order, one again", numbers + [numbers[2]], "Replayed")
        add(" of two senders", [{}, dict(from_=OTHER)])
        jump = [m.message(what, "box"), m.message(what, "box", n=GREATEST)]
        add(", a jump to the greatest", jump)
        add(", behind a jump", [*jump, dict(n=2)], "Replayed")
        add(", border of a jump", [*jump, dict(n=GREATEST - 8191)])
        add(", behind the border of a jump", [*jump, dict(n=GREATEST - 8192)], "Replayed")
        answer = {"answer": {"error": "wampbox.error", "enc": 256}} if what == "call" else {}
        wrong = {"expect": {"reason": "WrongRealm"} | answer}
        for name, n, then in (("uses up no counter", 100, 100), ("moves no window", 99999, 1)):
            refused_one = m.message(what, "box", n=n, realm="realm2") | wrong
            add(f", what was refused {name}", [refused_one, dict(n=then)])
    for what, detail, name in (("publish", "topic", "one for all topics of a subscription"),
                               ("call", "procedure", "one for all procedures")):
        both = [dict(details={detail: uri}, uri=uri) for uri in (URI, Y)]
        m.add(f"windows/{name}", what, "box", both, "Replayed", uri=PATTERN, match="prefix")
    before = [m.message("progress", "box", seq=seq) for seq in (0, 1)]
    m.add("windows/answers may repeat a counter", "result", "box", [*before, dict(seq=2)])
    for key in FOREIGN:
        for what in ("publish", "call", "call_progress", "progress"):
            add = m.under(f"tokens/{key}/{what}", what, key)
            one = m.message(what, key)
            add("", [one, {}])
            add(" replayed", [one, one], "Replayed")
            add(", a nonce used again", [one, dict(nonce=one["nonce"], args=["other"])], "Replayed")
        one = m.message("progress", key)
        final = one | {"details": {k: v for k, v in one["details"].items() if k != "progress"}}
        m.add(f"tokens/{key}/progress as result", "progress", key, [one, final], "Replayed")


def of_retention(m):
    """Late events."""
    def late(key="box", said=True, **changes):
        changes = {"flags": 2, "ts": NOW - DAY} | changes
        return m.message("publish", key, details={"retained": said}, **changes)

    for key in OURS:
        add = m.under(f"retained/{key}/", "publish", key, retained=True)
        one = late(key)
        add("late", one)
        add("as old as can be", late(key, ts=0))
        add("twice", [one, one], "Replayed")
        add("not asked for", late(key), "Stale", retained=False)
        add("not said to be kept", late(key, said=False), "Stale")
        add("not sealed to be kept", late(key, flags=0), "Stale")
    add, young = m.under("retained/", "publish", "box", retained=True), {"ts": NOW - 30_000}
    add("said to be kept with 1", late(said=1), "Stale")
    add("said to be kept with a text", late(said="true"), "Stale")
    add("sealed with self alone", late(flags=1), "Stale")
    add("ahead of the clock", late(ts=NOW + 30_001), "ClockSkew")
    add("own, without self", late(from_=OWN), "Replayed")
    add("own, with self", late(from_=OWN, flags=3))
    add("of another realm", late(realm="realm2"), "WrongRealm")
    add("counter used by an old one", [late(n=5), late(n=5)])
    add("an old one leaves its counter free", [late(n=5), dict(n=5)])
    add("a young one uses up its counter", [late(n=5, **young), dict(n=5)], "Replayed")
    add("a young one moves the window", [late(n=9000, **young), dict(n=1)], "Replayed")
    add("an old one doesn't move the window", [late(n=9000), dict(n=1)])
    add("one from before the birth leaves its counter free", [late(n=5, ts=NOW - 30_001), dict(n=5)])
    add("a late one behind the window", [m.message("publish", "box", n=9000), late(n=1)])
    add("a late one with a used counter", [m.message("publish", "box", n=5), late(n=5)])
    live = m.message("publish", "box", flags=2)
    again = live | {"details": {"retained": True}}
    add("live, then late", [live, again], "Replayed")
    add("late, then live", [again, live], "Replayed")
    add("live twice", [live, live], "Replayed")
    add("live without keep, then said to be retained", [m.message("publish", "box", flags=0)] * 2, "Replayed")
    add("live with keep, where none was asked for", live, retained=False)
    add("live with keep, then again as retained, where none was asked for", [live, again], "Replayed",
        retained=False)


def of_chunks(m):
    """Calls in chunks: gaps, swaps, cut-offs."""
    for key in ("box", "shared"):
        first = m.message("call_progress", key)
        of = {"re": first["nonce"], "n": 2}
        add = m.under(f"chunks/{key}/", "call", key)
        rest = [m.message("call_progress", key, seq=1, **of), m.message("call", key, seq=2, **of | {"n": 3})]
        add("three", [first, *rest])
        add("counters repeat", [first, of | {"seq": 1, "n": 1}])
        add("two calls in three", [first, *rest, dict(n=9)])
        for last, other in (("call_progress", "call"), ("call", "call_progress")):
            bad, base = m.under(f"chunks/{key}/{last}: ", last, key), {"details": TYPES[last][5]}
            for name, change, reason in (
                    ("one left out", dict(seq=2), "Gap"), ("one again", dict(seq=0), "Gap"),
                    ("greatest number", dict(seq=GREATEST), "Gap"), ("no re", dict(re=None), "WrongRequest"),
                    ("re of another call", dict(re=ANOTHER), "WrongRequest"),
                    ("another Session goes on", dict(from_=OTHER), "WrongRequest"),
                    ("another realm", dict(realm="realm2"), "WrongRealm"),
                    ("another procedure", dict(uri=Y), "WrongURI"),
                    ("too old", dict(ts=NOW - 300_001), "Stale"),
                    ("ahead of the clock", dict(ts=NOW + 30_001), "ClockSkew")):
                bad(name, [first, of | {"seq": 1} | change], reason)
            bad("as the other kind", [first, m.message(other, key, seq=1, **of) | base], "WrongKind")
            whole = m.message(last, key, seq=1, **of)
            reason = "WrongRequest" if last == "call_progress" else "WrongKind"
            bad("the first once more", [first, first | base], reason)
            bad("plain", [first, m.plain(last)], "Plaintext")
            bad("parts", [first, whole | {"args": [1]}], "Malformed")
            bad("under another key id", [first, m.changed(whole, lambda p: flip(p, 5))], "NotOpened")
            bad("changed", [first, m.changed(whole, lambda p: flip(p, 60))], "NotOpened")
            bad("of autobahn", [first, m.message(last, "autobahn")], "NotOpened")
        add("swapped", [first, m.message("call_progress", key, **of | {"seq": 2})], "Gap")
        add_answers(m, key)


def add_answers(m, key):
    """Progressive results: the same, and calls for answers."""
    for last in ("progress", "result", "error"):
        add = m.under(f"answers/{key}/{last} ", last, key)
        before = [m.message("progress", key, seq=0), m.message("progress", key, seq=1, n=2)]
        add("behind two", [*before, dict(seq=2, n=3)])
        for name, change, reason in (
                ("again", dict(seq=1), "Gap"), ("left out", dict(seq=3), "Gap"),
                ("cut off", dict(seq=0), "Gap"),
                ("another Session", dict(seq=2, from_=OTHER), "WrongRequest"),
                ("re of another call", dict(seq=2, re=ANOTHER), "WrongRequest")):
            add(f"behind two: {name}", [*before, change], reason)
        again = before[1] | {"type": TYPES[last][0], "details": TYPES[last][5]}
        again |= {"error": "wampbox.error"} if last == "error" else {}
        add("behind two: the last once more", [*before, again], "Gap" if last == "progress" else "WrongKind")
        add("behind two: plain", [*before, m.plain(last)], "Plaintext")
        m.add(f"answers/{key}/refusal behind two {last}", "refusal", key, [*before, {}],
              expect=refused("refusal"))
        add("sent first", dict(seq=1), "Gap")
    add = m.under(f"answers/{key}/a call reflected as ", "result", key)
    call, reason = m.message("call", key, nonce=TOKEN), "WrongKind" if key == "box" else "NotOpened"
    add("its result", call | {"type": "RESULT"}, reason)
    add("an error", call | {"type": "ERROR", "error": "wampbox.error"}, reason)


def of_foreign_chunks(m):
    """Chunks of foreign dialects, and those without attributes that passthru has."""
    for key in FOREIGN:
        add = m.under(f"chunks/{key}/", "call", key)
        chunk, last = m.message("call_progress", key), m.message("call", key)
        add("two", [chunk, last])
        add("plain behind a sealed one", [chunk, m.plain("call")], "Plaintext")
        add("another uri", [chunk, dict(uri=Y)], "WrongURI")
        add("ours behind one of theirs", [chunk, m.message("call", "box")], "NotOpened")
        m.add(f"answers/{key}/progress, then the result", "result", key, [m.message("progress", key), {}])
    bare = {"details": {}}
    for key in ("secretbox", "aes"):
        add, chunk = m.under(f"bare chunks/{key}/", "call", key), m.message("call_progress", key)
        add("bytes", [chunk, m.message("call", key) | bare])
        add("progress too", [chunk, m.message("call_progress", key) | {"details": {"progress": True}}])
        for name, args, reason in (
                ("one byte", [b"\1"], "NotOpened"), ("no bytes", [b""], "Plaintext"),
                ("too long", [{"$fill": MAX_PAYLOAD + 1}], "TooLarge"),
                ("two arguments", [b"\1" * 60, 1], "Plaintext"), ("no argument", [], "Plaintext"),
                ("a text", ["plain text"], "Plaintext")):
            add(name, [chunk, m.plain("call", args=args)], reason)
        for name, kwargs, *reason in (("a keyword argument", {"a": 1}, "Plaintext"),
                                      ("no keyword arguments", {}), ("null", None)):
            add(name, [chunk, m.message("call", key) | bare | {"kwargs": kwargs}], *reason)
        add("another uri", [chunk, m.message("call", key, uri=Y) | bare], "WrongURI")
        add("changed", [chunk, m.changed(m.message("call", key) | bare, b"\1" * 90)], "NotOpened")
        for name, shape in SHAPES.items():
            add(f"as {name}", [chunk, m.changed(m.message("call", key) | bare, shape)])
        add("first", m.message("call", key) | bare, "Plaintext")
        m.add(f"bare chunks/{key}/result", "result", key, m.message("result", key) | bare, "Plaintext")


def of_errors(m):
    """ERROR at the caller: errors of handlers, refusals, plain ones, and forged ones."""
    other_error, sealed_only = "com.other.error", "wampbox.error.sealed_only"
    runtime = "wamp.error.runtime_error"
    for key in OURS:
        add, suite, id = m.under(f"errors/{key}/", "error", key), m.keys[key].algorithm, m.keys[key].id
        refusal = m.under(f"errors/{key}/refusal", "refusal", key)

        def forged(name, size, *reason, begins=m.keys[key].begins, **more):
            kwargs = {"enc": (begins + fixed("noise") * 40)[:size]}
            add(f"random{name}", m.plain("error", "wampbox.error", args=[], kwargs=kwargs), *reason, **more)

        for uri in (other_error, runtime, PATTERN + "e", "wampbox.error.x"):
            add(f"hidden {uri}", dict(uri=uri))
        forged(" of 256", 256, expect={"refused": True})
        for size in (57, 255, 257, 512):
            forged(f" of {size}", size, "NotOpened")
        forged(", another id", 256, "NotOpened", begins=bytes([suite]) + fixed("id", 16))
        forged(", another suite", 256, "NotOpened", begins=bytes([suite % 3 + 1]) + id)
        forged(", suite 4", 256, "NotOpened", begins=b"\4" + id)
        whole = m.message("refusal", key, write_record(m.record("refusal"), 199))
        refusal(" changed", m.changed(whole, lambda p: flip(p, 200)), expect={"refused": True})
        for reason in REFUSAL_REASONS:
            data = write_record(m.record("refusal", args=[reason, NOW + 400_000]), 199)
            refusal(f", {reason}", dict(plaintext=data), expect=refused("refusal", reason, NOW + 400_000))
        for name, reason in (("unheard of", "Whatever"), ("empty", ""), ("of another case", "stale")):
            refusal(f", reason {name}", dict(args=[reason, 0]), expect=refused("refusal", "unknown", 0))
        for name, change in (
                (" old counts all the same", dict(ts=0)), (" ahead counts all the same", dict(ts=NOW + DAY)),
                (" of another Session counts all the same", dict(from_=OTHER)),
                (" with a number counts all the same", dict(seq=7)),
                (" the latest counts all the same", dict(ts=LATEST)),
                (" of another size", dict(plaintext=write_record(m.record("refusal"), 500)))):
            refusal(name, change, expect=refused("refusal"))
        for what in ("error", "refusal"):
            for uri in (ERROR_URI, sealed_only, runtime, "wampbox.errors", "Wampbox.error"):
                add(f"{what} under {uri}", m.message(what, key, error=uri), "WrongURI")
        not_theirs = "wamp", "Wamp.error", "wampx.error"
        for uri in (sealed_only, "wampbox.error", other_error, ERROR_URI, *not_theirs):
            add(f"plain {uri}", m.plain("error", uri), "Plaintext")
        for uri in ("wamp.error.no_such_procedure", NO_CODEC, "wamp.error.unavailable", "wamp.x"):
            add(f"plain {uri}", m.plain("error", uri, args=["shown to nobody"], kwargs={"a": 1}))
        if suite > 1:
            add("under the key of the other direction", dict(direction=MESSAGES), "NotOpened")
            other = dict(direction=MESSAGES, args=["Stale", 5])
            refusal(" under the key of the other direction", other, "NotOpened")
        add("changed", m.changed(m.message("error", key), lambda p: flip(p, 60)), "NotOpened")
        add("sealed, of a plain call", {}, "WrongRequest", call="plain")
        refusal(" of a plain call", {}, "WrongRequest", call="plain")
        for uri in (other_error, sealed_only, ERROR_URI, "wamp.error.x"):
            add(f"plain {uri} of a plain call", m.plain("error", uri), call="plain")
        add("of autobahn, of a plain call", m.message("error", "autobahn"), "NotOpened", call="plain")
        closed = m.message("error", "autobahn", error=other_error, uri=other_error)
        add("of autobahn, of a plain call, closed", closed, "NoKey", call="plain")
    for key in (*FOREIGN, "both"):
        for call in ("sealed", "plain"):
            add = m.under(f"errors/{key}/of a {call} call", "error", key, call=call)
            add("", {})
            add(", no key", dict(error=other_error, uri=other_error), "NoKey")
            add(", another uri", dict(error=PATTERN + "e"), "WrongURI")
            add(", plain", m.plain("error", other_error))
            add(", plain with a key", m.plain("error", ERROR_URI))
            add(", the protocol's", m.plain("error", "wamp.error.encryption.trusted_uri_mismatch"))
            add(", ours", m.message("error", "box"), "NotOpened" if call == "sealed" else "WrongRequest")
        m.add(f"errors/{key}/refused as ours", "error", key, m.plain("error", sealed_only))
    for key, other in (("autobahn", "secretbox"), ("secretbox", "autobahn")):
        add = m.under(f"errors/{key}/", "error", key)
        add("of another dialect", m.message("error", other), "NotOpened")
        add("plain call, the responder's half", {}, "WrongRole", role="responder", call="plain")
