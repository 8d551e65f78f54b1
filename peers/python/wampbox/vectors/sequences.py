"""Vectors of what a record says of itself, of messages one after the other, and of errors."""
from ..envelope import MAX_PAYLOAD
from ..keys import ANSWERS, MESSAGES
from ..record import write_record
from .maker import DAY, ERROR_URI, FOREIGN, NOW, OTHER, OURS, OWN, PATTERN, SHAPES, SIX, TOKEN, TYPES, URI
from .maker import fixed, flip, refused


def of_binding(m):
    """What a record says of itself, under each suite."""
    for key in OURS:
        for what in [*TYPES]:
            kind, direction = TYPES[what][3:5]
            m.add(f"binding/{key}/{what}", what, key, {}, expect=refused(what))
            if what == "refusal":
                continue
            for other in [*TYPES]:
                r = m.record(other, re=m.record(what)["re"], uri=m.record(what)["uri"])
                if other == "refusal":
                    r |= {"uri": ""}
                elif other == "publish":
                    r |= {"re": None}
                if key != "shared" and other != what and not (what == "error" and other == "refusal"):
                    reason = "WrongURI" if other == "refusal" else "WrongKind"
                    m.add(f"binding/{key}/{other} as {what}", what, key,
                          m.message(what, key, write_record(r)), reason)
            ahead, old = ("ClockSkew", "Stale") if direction == MESSAGES else (None, None)  # answers prove when by re
            changes = [("realm", {"realm": "realm2"}, "WrongRealm"), ("realm of another case", {"realm": "Realm1"}, "WrongRealm"),
                       ("ahead of the clock", {"ts": NOW + 30_001}, ahead), ("latest ts", {"ts": (1 << 63) - 1}, ahead),
                       ("earliest ts", {"ts": 0}, old), ("a day old", {"ts": NOW - DAY}, old),
                       ("too old", {"ts": NOW - 300_001}, old)]
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
                m.add(f"binding/{key}/{name} of {what}", what, key, change, reason)
            if key != "box":
                message = m.message(what, key, direction=MESSAGES + ANSWERS - direction)
                m.add(f"binding/{key}/{what} under the key of the other direction", what, key, message,
                      "NotOpened")
    for name, change, reason in (("no re", {"re": None}, "WrongRequest"), ("another re", {"re": fixed("another", 24)}, "WrongRequest")):
        m.add(f"binding/{name} of refusal", "refusal", "xbox", change, reason)


def of_order(m):
    """Of two faults the first in the order of the document counts, and borders pass."""
    faults = [("uri", {"uri": PATTERN + "y"}, "WrongURI"), ("realm", {"realm": "realm2"}, "WrongRealm"), ("kind", {"kind": 5}, "WrongKind"),
              ("re", {"re": fixed("another", 24)}, "WrongRequest"), ("seq", {"seq": 3}, "Gap"), ("clock", {"ts": NOW + DAY}, "ClockSkew")]
    for i, (one, change, reason) in enumerate(faults):
        for other, also, _ in faults[i + 1:]:
            what = "call" if other == "clock" else "result"
            m.add(f"order/{one} before {other}", what, "box", change | also, reason)
    m.add("order/own event before the clock", "publish", "box", dict(from_=OWN, ts=NOW + DAY), "Replayed")
    first = m.message("publish", "box")
    m.add("order/age before the window", "publish", "box", [first, m.message("publish", "box", ts=0)],
          "Stale")
    m.add("order/the record before what it says", "call", "box",
          m.message("call", "box", m.raw(m.record("call", realm="realm2"), seq=b"\x20")), "Malformed")
    wide = {"age": 300_000, "skew": 400_000}
    for what in SIX:
        add = m.under(f"borders/{what} ", what, "box")
        add("ahead by the skew", dict(ts=NOW + 30_000))
        add("as old as max age", dict(ts=NOW - 300_000), **wide)
        old = "Stale" if what in ("publish", "call", "call_progress") else None
        add("older by 1 ms than max age", dict(ts=NOW - 300_001), old, **wide)
        if what in ("publish", "call", "call_progress"):
            add("before since by the skew", dict(ts=NOW - 30_000))
        add("with the greatest n", dict(n=(1 << 64) - 1))
        add("with the greatest skew", dict(ts=0), age=9 * 10**12, skew=9 * 10**12)
    for name, change in {"seq null": {"seq": None}, "greatest seq": {"seq": (1 << 64) - 1}, "self": {"flags": 1}, "keep": {"flags": 2},
                         "self and keep": {"flags": 3}, "own, with self": {"from_": OWN, "flags": 1},
                         "own, with both": {"from_": OWN, "flags": 3}}.items():
        m.add(f"borders/publish {name}", "publish", "shared", change)
    for name, flags in (("no flags", 0), ("keep alone", 2)):
        m.add(f"order/own event, {name}", "publish", "box", dict(from_=OWN, flags=flags), "Replayed")
    for what in ("call", "result", "error"):
        m.add(f"borders/{what} of the own Session", what, "box", dict(from_=OWN))


def of_windows(m):
    """Sequences of first messages: windows, and what uses up no counter."""
    for key in OURS:
        for what in ("publish", "call"):
            add = m.under(f"windows/{key}/{what}", what, key)
            one = m.message(what, key)
            top = m.message(what, key, n=9000)
            add(" replayed", [one, one], "Replayed")
            add(" with a used counter", [one, m.message(what, key, args=["other"])], "Replayed")
            add(", the last in the window", [top, m.message(what, key, n=9000 - 8191)])
            add(", the last in the window, twice", [top] + [m.message(what, key, n=9000 - 8191)] * 2,
                "Replayed")
            add(", the first behind the window", [top, m.message(what, key, n=9000 - 8192)], "Replayed")
            add(", far behind it", [top, m.message(what, key, n=1)], "Replayed")
    for what in ("publish", "call"):
        add = m.under(f"windows/{what}", what, "box")
        numbers = [m.message(what, "box", n=n) for n in (5, 3, 4, 1, 8192, 2)]
        add(" out of order", numbers)
        add(" out of order, one again", numbers + [numbers[2]], "Replayed")
        add(" of two senders", [m.message(what, "box"), m.message(what, "box", from_=OTHER)])
        jump = [m.message(what, "box"), m.message(what, "box", n=(1 << 64) - 1)]
        add(", a jump to the greatest", jump)
        add(", behind a jump", jump + [m.message(what, "box", n=2)], "Replayed")
        add(", border of a jump", jump + [m.message(what, "box", n=(1 << 64) - 8192)])
        add(", behind the border of a jump", jump + [m.message(what, "box", n=(1 << 64) - 8193)], "Replayed")
        wrong = m.message(what, "box", n=100, realm="realm2") | {"expect": {"reason": "WrongRealm"}}
        if what == "call":
            wrong["expect"]["answer"] = {"error": "wampbox.error", "enc": 256}
        add(", what was refused uses up no counter", [wrong, m.message(what, "box", n=100)])
        high = m.message(what, "box", n=99999, realm="realm2") | {"expect": wrong["expect"]}
        add(", what was refused moves no window", [high, m.message(what, "box", n=1)])
    topics = [m.message("publish", "box", details={"topic": u}, uri=u) for u in (URI, PATTERN + "y")]
    m.add("windows/one for all topics of a subscription", "publish", "box", topics, "Replayed", uri=PATTERN,
          match="prefix")
    calls = [m.message("call", "box", details={"procedure": u}, uri=u) for u in (URI, PATTERN + "y")]
    m.add("windows/one for all procedures", "call", "box", calls, "Replayed", uri=PATTERN, match="prefix")
    answers = [m.message("progress", "box", seq=0), m.message("progress", "box", seq=1), m.message("result", "box", seq=2)]
    m.add("windows/answers may repeat a counter", "result", "box", answers)
    for key in FOREIGN:
        for what in ("publish", "call", "call_progress", "progress"):
            add = m.under(f"tokens/{key}/{what}", what, key)
            one = m.message(what, key)
            add("", [one, m.message(what, key)])
            add(" replayed", [one, one], "Replayed")
            add(", a nonce used again", [one, m.message(what, key, nonce=one["nonce"], args=["other"])],
                "Replayed")
        one = m.message("progress", key)
        final = one | {"details": {k: v for k, v in one["details"].items() if k != "progress"}}
        m.add(f"tokens/{key}/progress as result", "progress", key, [one, final], "Replayed")


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
    young = {"ts": NOW - 30_000}
    add("a young one uses up its counter", [late(n=5, **young), m.message("publish", "box", n=5)], "Replayed")
    add("a young one moves the window", [late(n=9000, **young), m.message("publish", "box", n=1)], "Replayed")
    add("an old one doesn't move the window", [late(n=9000), m.message("publish", "box", n=1)])
    add("one from before the birth leaves its counter free",
        [late(n=5, ts=NOW - 30_001), m.message("publish", "box", n=5)])
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


def of_progress(m):
    """Chunks and progressive results: gaps, swaps, cut-offs."""
    for key in ("box", "shared"):
        add = m.under(f"chunks/{key}/", "call", key)
        first = m.message("call_progress", key)
        of = {"re": first["nonce"], "n": 2}
        rest = [m.message("call_progress", key, seq=1, **of), m.message("call", key, seq=2, **of | {"n": 3})]
        add("three", [first, *rest])
        add("counters repeat", [first, m.message("call", key, **of | {"seq": 1, "n": 1})])
        add("two calls in three", [first, *rest, m.message("call", key, n=9)])
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
            add(f"{last}: as the other kind", [first, other], "WrongKind")
            whole = m.message(last, key, seq=1, **of)
            again = first | {"details": TYPES[last][5]}
            add(f"{last}: the first once more", [first, again],
                "WrongRequest" if last == "call_progress" else "WrongKind")
            add(f"{last}: plain", [first, m.plain(last)], "Plaintext")
            add(f"{last}: parts", [first, whole | {"args": [1]}], "Malformed")
            add(f"{last}: under another key id", [first, m.changed(whole, flip(m.payload(whole), 5))],
                "NotOpened")
            add(f"{last}: changed", [first, m.changed(whole, flip(m.payload(whole), 60))], "NotOpened")
            add(f"{last}: of autobahn", [first, m.message(last, "autobahn")], "NotOpened")
        add("swapped", [first, m.message("call_progress", key, **of | {"seq": 2})], "Gap")
        for last in ("progress", "result", "error"):
            answer = m.under(f"answers/{key}/{last} ", last, key)
            before = [m.message("progress", key, seq=0), m.message("progress", key, seq=1, n=2)]
            answer("behind two", [*before, m.message(last, key, seq=2, n=3)])
            for name, change, reason in (("again", {"seq": 1}, "Gap"), ("left out", {"seq": 3}, "Gap"), ("cut off", {"seq": 0}, "Gap"),
                                         ("another Session", {"seq": 2, "from_": OTHER}, "WrongRequest"),
                                         ("re of another call", {"seq": 2, "re": fixed("another", 24)}, "WrongRequest")):
                answer(f"behind two: {name}", [*before, m.message(last, key, **change)], reason)
            again = before[1] | {"type": TYPES[last][0],
                                 "details": TYPES[last][5]} | ({"error": "wampbox.error"} if last == "error" else {})
            answer("behind two: the last once more", [*before, again],
                   "Gap" if last == "progress" else "WrongKind")
            answer("behind two: plain", [*before, m.plain(last)], "Plaintext")
            m.add(f"answers/{key}/refusal behind two {last}", "refusal", key,
                  [*before, m.message("refusal", key)], expect=refused("refusal"))
            answer("sent first", [m.message(last, key, seq=1)], "Gap")
        reason = "WrongKind" if key == "box" else "NotOpened"
        reflected = m.message("call", key, nonce=TOKEN)
        m.add(f"answers/{key}/a call reflected as its result", "result", key, reflected | {"type": "RESULT"},
              reason)
        reflected |= {"type": "ERROR", "error": "wampbox.error"}
        m.add(f"answers/{key}/a call reflected as an error", "error", key, reflected, reason)


def of_foreign_progress(m):
    """Chunks of foreign dialects, and those without attributes that passthru has."""
    for key in FOREIGN:
        add = m.under(f"chunks/{key}/", "call", key)
        chunk, last = m.message("call_progress", key), m.message("call", key)
        add("two", [chunk, last])
        add("plain behind a sealed one", [chunk, m.plain("call")], "Plaintext")
        add("another uri", [chunk, m.message("call", key, uri=PATTERN + "y")], "WrongURI")
        add("ours behind one of theirs", [chunk, m.message("call", "box")], "NotOpened")
        m.add(f"answers/{key}/progress, then the result", "result", key,
              [m.message("progress", key), m.message("result", key)])
    bare = {"details": {}}
    for key in ("secretbox", "aes"):
        chunk = m.message("call_progress", key)
        for name, message, reason in (
                ("bytes", m.message("call", key) | bare, None),
                ("progress too", m.message("call_progress", key) | {"details": {"progress": True}}, None),
                ("one byte", m.plain("call", args=[b"\1"]), "NotOpened"), ("no bytes", m.plain("call", args=[b""]), "Plaintext"),
                ("too long", m.plain("call", args=[{"$fill": MAX_PAYLOAD + 1}]), "TooLarge"),
                ("two arguments", m.plain("call", args=[b"\1" * 60, 1]), "Plaintext"),
                ("no argument", m.plain("call", args=[]), "Plaintext"),
                ("a text", m.plain("call", args=["plain text"]), "Plaintext"),
                ("a keyword argument", m.message("call", key) | bare | {"kwargs": {"a": 1}}, "Plaintext"),
                ("no keyword arguments", m.message("call", key) | bare | {"kwargs": {}}, None),
                ("null", m.message("call", key) | bare | {"kwargs": None}, None),
                ("another uri", m.message("call", key, uri=PATTERN + "y") | bare, "WrongURI"),
                ("changed", m.changed(m.message("call", key) | bare, b"\1" * 90), "NotOpened")):
            m.add(f"bare chunks/{key}/{name}", "call", key, [chunk, message], reason)
        for name, shape in SHAPES.items():
            message = m.message("call", key) | bare
            m.add(f"bare chunks/{key}/as {name}", "call", key,
                  [chunk, m.changed(message, shape(m.payload(message)))])
        m.add(f"bare chunks/{key}/first", "call", key, m.message("call", key) | bare, "Plaintext")
        m.add(f"bare chunks/{key}/result", "result", key, m.message("result", key) | bare, "Plaintext")


def of_errors(m):
    """ERROR at the caller: errors of handlers, refusals, plain ones, and forged ones."""
    def add(name, key, message, reason=None, **more):
        m.add(f"errors/{name}", "error", key, message, reason, **more)

    for key in OURS:
        of = m.keys[key]
        begins = of.begins
        noise = lambda size, b=begins: b + fixed("noise") * 20 if size is None else (b + fixed("noise") * 40)[:size]
        forged = m.plain("error", "wampbox.error", args=[])
        for uri in ("com.other.error", "wamp.error.runtime_error", PATTERN + "e", "wampbox.error.x"):
            add(f"{key}/hidden {uri}", key, m.message("error", key, uri=uri))
        add(f"{key}/random of 256", key, forged | {"kwargs": {"enc": noise(256)}}, expect={"refused": True})
        for size in (57, 255, 257, 512):
            add(f"{key}/random of {size}", key, forged | {"kwargs": {"enc": noise(size)}}, "NotOpened")
        add(f"{key}/random, another id", key,
            forged | {"kwargs": {"enc": noise(256, begins[:1] + fixed("id", 16))}}, "NotOpened")
        add(f"{key}/random, another suite", key,
            forged | {"kwargs": {"enc": noise(256, bytes([of.algorithm % 3 + 1]) + of.id)}}, "NotOpened")
        add(f"{key}/random, suite 4", key, forged | {"kwargs": {"enc": noise(256, b"\4" + of.id)}},
            "NotOpened")
        refusal = m.message("refusal", key, write_record(m.record("refusal"), 199))
        add(f"{key}/refusal changed", key, m.changed(refusal, flip(m.payload(refusal), 200)),
            expect={"refused": True})
        for reason in ("Plaintext", "NoKey", "WrongRole", "Malformed", "NotOpened", "WrongURI", "WrongKind", "WrongRealm",
                       "WrongRequest", "Gap",
                       "Replayed", "Stale", "ClockSkew", "StoreDown", "TooLarge"):
            r = m.record("refusal", args=[reason, NOW + 400_000])
            add(f"{key}/refusal, {reason}", key, m.message("refusal", key, write_record(r, 199)),
                expect=refused("refusal", reason, NOW + 400_000))
        for name, reason in (("unheard of", "Whatever"), ("empty", ""), ("of another case", "stale")):
            add(f"{key}/refusal, reason {name}", key, m.message("refusal", key, args=[reason, 0]),
                expect=refused("refusal", "unknown", 0))
        for name, change in {"old": {"ts": 0}, "ahead": {"ts": NOW + DAY}, "of another Session": {"from_": OTHER},
                             "with a number": {"seq": 7}, "the latest": {"ts": (1 << 63) - 1}}.items():
            add(f"{key}/refusal {name} counts all the same", key, m.message("refusal", key, **change),
                expect=refused("refusal"))
        add(f"{key}/refusal of another size", key,
            m.message("refusal", key, write_record(m.record("refusal"), 500)), expect=refused("refusal"))
        for what in ("error", "refusal"):
            for uri in (ERROR_URI, "wampbox.error.sealed_only", "wamp.error.runtime_error", "wampbox.errors", "Wampbox.error"):
                add(f"{key}/{what} under {uri}", key, m.message(what, key, error=uri), "WrongURI")
        for uri in ("wampbox.error.sealed_only", "wampbox.error", "com.other.error", ERROR_URI, "wamp", "Wamp.error", "wampx.error"):
            add(f"{key}/plain {uri}", key, m.plain("error", uri), "Plaintext")
        for uri in ("wamp.error.no_such_procedure", "wamp.error.no_payload_codec", "wamp.error.unavailable", "wamp.x"):
            add(f"{key}/plain {uri}", key, m.plain("error", uri, args=["shown to nobody"], kwargs={"a": 1}))
        if of.algorithm > 1:
            add(f"{key}/under the key of the other direction", key,
                m.message("error", key, direction=MESSAGES), "NotOpened")
            other = m.message("refusal", key, direction=MESSAGES, args=["Stale", 5])
            add(f"{key}/refusal under the key of the other direction", key, other, "NotOpened")
        changed = m.message("error", key)
        add(f"{key}/changed", key, m.changed(changed, flip(m.payload(changed), 60)), "NotOpened")
        add(f"{key}/sealed, of a plain call", key, m.message("error", key), "WrongRequest", call="plain")
        add(f"{key}/refusal of a plain call", key, m.message("refusal", key), "WrongRequest", call="plain")
        for uri in ("com.other.error", "wampbox.error.sealed_only", ERROR_URI, "wamp.error.x"):
            add(f"{key}/plain {uri} of a plain call", key, m.plain("error", uri), call="plain")
        add(f"{key}/of autobahn, of a plain call", key, m.message("error", "autobahn"), "NotOpened",
            call="plain")
        add(f"{key}/of autobahn, of a plain call, closed", key,
            m.message("error", "autobahn", error="com.other.error", uri="com.other.error"), "NoKey",
            call="plain")
    for key in (*FOREIGN, "both"):
        for call in ("sealed", "plain"):
            add(f"{key}/of a {call} call", key, m.message("error", key), call=call)
            add(f"{key}/of a {call} call, no key", key,
                m.message("error", key, error="com.other.error", uri="com.other.error"), "NoKey", call=call)
            add(f"{key}/of a {call} call, another uri", key, m.message("error", key, error=PATTERN + "e"),
                "WrongURI", call=call)
            add(f"{key}/of a {call} call, plain", key, m.plain("error", "com.other.error"), call=call)
            add(f"{key}/of a {call} call, plain with a key", key, m.plain("error", ERROR_URI), call=call)
            add(f"{key}/of a {call} call, the protocol's", key,
                m.plain("error", "wamp.error.encryption.trusted_uri_mismatch"), call=call)
            add(f"{key}/of a {call} call, ours", key, m.message("error", "box"),
                "NotOpened" if call == "sealed" else "WrongRequest", call=call)
        add(f"{key}/refused as ours", key, m.plain("error", "wampbox.error.sealed_only"), None)
    for what in ("autobahn", "secretbox"):
        other = "secretbox" if what == "autobahn" else "autobahn"
        add(f"{what}/of another dialect", what, m.message("error", other), "NotOpened")
        add(f"{what}/plain call, the responder's half", what, m.message("error", what), "WrongRole",
            role="responder", call="plain")
