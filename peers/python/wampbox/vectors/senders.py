"""Vectors of suites 4 and 5: events and invocations, their signers, and what is kept for each of them."""
from ..keys import ANSWERS
from ..record import padme, write_record
from ..signed import HOUR, MINUTE, ONCE, SIGNED, signer_of
from .maker import DAY, NOW, OTHER, OWN, PATTERN, PEER, TYPES, URI, fixed, flip
from .sequences import GREATEST, WRONG, Y
from .signing import SUITES, VERIFY, unreduced

ALL = ("publish", "call", "call_progress")
UNSIGNED = ("box", "xbox", "shared", "autobahn", "secretbox")


def of_signed_binding(m):
    """What a record says of itself, signed as it has to be; and which versions open what."""
    for key in SUITES:
        for what in ALL:
            add = m.under(f"binding/{key}/", what, key)
            add(what, {})
            add(f"{what}, padded", dict(data=write_record(m.record(what), padme)))
            add(f"{what} under the key of the other direction", m.message(what, key, context=answering(m, key)),
                "NotOpened")
            add(f"{what} laid out as an answer", dict(towards=ANSWERS), "NotOpened")
            for other in TYPES if key == "signed" else ():
                if other != what:
                    given = {"uri": URI} | {"refusal": {"uri": ""}, "publish": {"re": None}}.get(other, {})
                    add(f"{other} as {what}", dict(data=write_record(m.record(other, **given))),
                        "WrongURI" if other == "refusal" else "WrongKind")
            for kinds, name, change, reason in WRONG if key == "signed" else WRONG[:2]:
                if what in kinds:
                    add(f"{name} of {what}", change, reason)
        for what, detail in (("publish", "topic"), ("call", "procedure")):
            named = {"details": {detail: URI}}
            m.add(f"places/{what}, prefix, {key}", what, key, named, uri=PATTERN, match="prefix")
            m.add(f"places/{what}, prefix, another in it, {key}", what, key, named | {"uri": Y}, "WrongURI",
                  uri=PATTERN, match="prefix")
            add = m.under(f"places/{what}, {key}, ", what, key)
            add("plain", m.plain(what), "Plaintext")
            add("for the originator's half", {}, "WrongRole", role="originator")
            add("own Session", dict(from_=OWN), "Replayed" if what == "publish" else None)
        m.add(f"places/own event with self, {key}", "publish", key, dict(from_=OWN, flags=1))
        for other in (*SUITES, *UNSIGNED, f"{key} for others"):
            if other != key:
                m.add(f"dialects/publish for {key} sealed with {other}", "publish", key, m.message("publish", other),
                      "NotOpened")
        for other in UNSIGNED:
            m.add(f"dialects/publish for {other} sealed with {key}", "publish", other, m.message("publish", key),
                  "NotOpened")


def answering(m, key):
    """The context of a key, with its answer key for messages too."""
    context = m.context(key)
    made = object.__new__(type(context))
    made.sent, made.once, made.keys = context.sent, {}, dict.fromkeys(context.keys, context.keys[ANSWERS])
    return made


def of_unsigned_versions(m):
    """Versions without signatures, beside one that has them."""
    for signed in SUITES:
        for key in UNSIGNED if signed == "signed" else ("box",):
            for what in ("publish", "call"):
                add = m.under(f"unsigned/{key} beside {signed}/{what}", what, key, beside=[signed])
                add("", {}, "NotOpened")
                add(" until a date to come", {}, allow_unsigned=NOW + 1000)
                add(" until a date that has come", {}, "NotOpened", allow_unsigned=NOW - 1000)
        for what in ("publish", "call"):
            m.add(f"unsigned/{signed} beside box/{what}", what, signed, {}, beside=["box"])
            m.add(f"unsigned/{signed} and others/{what}", what, signed, {}, beside=["box", "shared"])
            m.add(f"unsigned/{signed} beside its change/{what}", what, signed, {}, beside=[f"{signed} for others"])
        add = m.under(f"unsigned/box behind {signed}", "publish", signed, beside=["box"])
        in_box = m.message("publish", "box")
        add("", in_box, "NotOpened")
        add(", until a date", in_box, allow_unsigned=NOW + 1000)


def of_signatures(m):
    """Signers and signatures of form 1."""
    other, as_alice = m.keys["signed for others"], {"signer": signer_of(VERIFY["alice"])}
    twists = {
        "signer of another of the list": dict(signer=signer_of(VERIFY["dave"])),
        "signer of nobody": dict(signer=fixed("nobody", 16)), "signer all zero": dict(signer=bytes(16)),
        "signer with a bit changed": dict(signer=flip(signer_of(VERIFY["alice"]), 15)),
        "signature with a bit of R changed": dict(signature=lambda s: flip(s, 0)),
        "signature with a bit of S changed": dict(signature=lambda s: flip(s, 32)),
        "signature with the highest bit set": dict(signature=lambda s: flip(s, 63, 128)),
        "S not reduced": dict(signature=unreduced), "signature all zero": dict(signature=lambda s: bytes(64)),
        "R neutral and S zero": dict(signature=lambda s: b"\1" + bytes(63)),
        "signature turned round": dict(signature=lambda s: s[::-1]),
        "signed for the other direction": dict(direction=ANSWERS), "signed for no direction": dict(direction=0),
        "signed for another reading key": dict(h=other.h), "signed for another record": dict(data=b"\x8b"),
        "signed for a record with a byte more": dict(data=write_record(m.record("publish")) + b"\0"),
        "signed under form 2's label": dict(label=ONCE[:-1]),
        "signed under another label": dict(label=b"wampbox-signature-1"),
        "signed without the zero": dict(zero=b""), "signed without a label": dict(label=b"", zero=b""),
    }
    for key in SUITES:
        for what in ALL if key == "signed" else ("publish",):
            add = m.under(f"signatures/{key}/{what}/", what, key)
            for name, twist in twists.items():
                add(name, dict(twist=twist), "WrongSender")
            good = m.message(what, key)
            head = good["plaintext"][:81]
            for name, of in {"another nonce": {}, "another nonce and context": {"context": 1}}.items():
                add(f"sealed again under {name}", dict(head=head, **of), "WrongSender")
            add("sealed again in another context, the nonce too", dict(head=head, nonce=good["nonce"], context=1),
                "WrongSender")
            another = dict(head=head, nonce=good["nonce"], args=["other"])
            add("another record under the signature of one", another, "WrongSender")
            add("signed for the encapsulated key of another context",
                dict(twist={"begins": m.keys[key].begins + m.context(key, 1).sent + fixed("n", 24)}), "WrongSender")
            add("of one on no list", dict(by="carol"), "WrongSender")
            add("of one on no list, as one who is", dict(by="carol", twist=as_alice), "WrongSender")
            add("of an answerer", dict(by="bob"), "WrongSender")
            add("of another sender", dict(by="dave"))
            add("of another key of a sender", dict(by="alice anew"))
            add("of one key of a name under the other's signer", dict(by="alice anew", twist=as_alice), "WrongSender")
            add("whatever the version says of answers", m.message(what, f"{key} any", form=0), "WrongSender")
            moved = m.message(what, f"{key} for others")
            add("moved to another key", m.changed(moved, lambda p, key=key: m.keys[key].begins + p[17:]), "NotOpened")


def of_forms(m):
    """Forms, and plaintexts that have no form."""
    for key in SUITES:
        for what in ALL if key == "signed" else ("call",):
            add = m.under(f"forms/{key}/{what}/", what, key)
            good = m.message(what, key)["plaintext"]
            add("0", dict(form=0), "WrongSender")
            add("2, not asked for", dict(form=2), "WrongSender")
            for form in (3, 4, 127, 128, 255):
                add(f"{form}", dict(head=bytes([form]) + good[1:81]), "Malformed")
            add("no form", dict(head=b"", data=b""), "Malformed")
            add("a record alone", dict(head=b""), "Malformed")
            for size in (1, 17, 80):
                add(f"1, cut to {size}", dict(head=good[:size], data=b""), "Malformed")
            add("1, with nothing signed", dict(data=b""), "Malformed")
            add("1, what is signed is no record", dict(data=b"\xf6"), "Malformed")
            add("1, what is signed has something behind", dict(data=write_record(m.record(what)) + b"\0"), "Malformed")
            add("1, no record and not signed", dict(data=b"\xf6", twist={"h": bytes(32)}), "WrongSender")
            add("0, no record", dict(form=0, data=b"\xf6"), "WrongSender")
            add("1, what is nested too deep is signed", dict(data=m.raw(m.record(what), args=b"\x81" * 130 + b"\xf6")),
                "TooLarge")
        once = f"{key} once"
        for what in ("call", "call_progress"):
            add = m.under(f"forms/{once}/{what}/", what, once)
            good = m.message(what, once)["plaintext"]
            for size in (1, 33, 96):
                add(f"2, cut to {size}", dict(head=good[:size], data=b""), "Malformed")
            add("0", dict(form=0), "WrongSender")
            add("3", dict(head=b"\3" + good[1:97]), "Malformed")
            add("2 as 1", dict(head=b"\1" + good[1:97]), "WrongSender")
            one = m.message(what, once, form=1)["plaintext"]
            add("1 as 2", dict(head=b"\2" + one[1:81] + bytes(16)), "WrongSender")


def of_once(m):
    """Form 2: what it is taken for, and its dates."""
    for key in SUITES:
        once = f"{key} once"
        m.add(f"once/{once}/publish", "publish", once, {})
        m.add(f"once/{once}/publish in form 2", "publish", once, dict(form=2), "WrongSender")
        for what in ("call", "call_progress") if key == "signed" else ("call",):
            add = m.under(f"once/{once}/{what}/", what, once)
            add("in form 2", {})
            add("in form 1", dict(form=1))
            add("in form 2, padded", dict(data=write_record(m.record(what), padme)))
            add("publish in form 2", dict(data=write_record(m.record("publish"))), "WrongSender")
            add("refusal in form 2", dict(data=write_record(m.record("refusal"))), "WrongSender")
            for name, twist in {
                    "another from": dict(from_=OTHER), "another realm": dict(realm="realm2"),
                    "no realm": dict(realm=""), "the other direction": dict(direction=ANSWERS),
                    "no direction": dict(direction=0),
                    "another encapsulated key": dict(sent=m.context(once, 1).sent),
                    "no encapsulated key": dict(sent=b""), "another reading key": dict(h=m.keys["signed for others"].h),
                    "other dates": dict(dates=(NOW - MINUTE + 1, NOW - MINUTE + HOUR)),
                    "a later end": dict(last=NOW + 1000, dates=(NOW - MINUTE, NOW + 2000)),
                    "form 1's label": dict(label=SIGNED[:-1]), "no zero": dict(zero=b"")}.items():
                add(f"signed for {name}", dict(twist=twist), "WrongSender")
            for name, twist in {
                    "signature with a bit changed": dict(signature=lambda s: flip(s, 40)),
                    "S not reduced": dict(signature=unreduced),
                    "signature all zero": dict(signature=lambda s: bytes(64)),
                    "signer of another of the list": dict(signer=signer_of(VERIFY["dave"])),
                    "signer of nobody": dict(signer=bytes(16))}.items():
                add(name, dict(twist=twist), "WrongSender")
            add("of one on no list", dict(by="carol"), "WrongSender")
            add("of an answerer", dict(by="bob"), "WrongSender")
            add("of another sender", dict(by="dave"))
            add("the realm of another, signed", dict(realm="realm2"), "WrongRealm")


def of_once_dates(m):
    """The dates of form 2, and what one signature stands for."""
    wrong = "WrongSender"
    for what in ("call", "call_progress"):
        add = m.under(f"once/signed once/{what}/dates: ", what, "signed once")
        for name, first, last, *reason in (
                ("begins with ts", NOW, NOW + HOUR), ("ends with ts", NOW - HOUR, NOW), ("of one instant", NOW, NOW),
                ("begins behind ts", NOW + 1, NOW + HOUR, wrong), ("ends before ts", NOW - HOUR, NOW - 1, wrong),
                ("longer than an hour", NOW - MINUTE, NOW - MINUTE + HOUR + 1, wrong),
                ("of all time", 0, GREATEST, wrong), ("the latest", GREATEST - HOUR, GREATEST, wrong),
                ("turned round", NOW + 1, NOW - 1, wrong), ("turned round, far apart", GREATEST, 0, wrong),
                ("from the beginning of time", 0, HOUR, wrong)):
            add(name, dict(twist={"first": first, "last": last}), *reason)
    for key in SUITES:
        once = f"{key} once"
        add, first = m.under(f"once/{once}/call/one signature: ", "call", once), m.message("call", once)
        head = {"head": first["plaintext"][:97], "n": 2}
        add("two calls", [first, dict(head, args=["other"])])
        add("one call, sealed again", [first, dict(head, n=1)], "Replayed")
        add("by another Session", [first, dict(head, from_=OTHER)], wrong)
        add("in another context", [first, dict(head, context=1)], wrong)
        add("of another realm", [first, dict(head, realm="realm2")], wrong)
        ended = m.message("call", once, twist={"first": NOW - HOUR, "last": NOW})
        add("out of its dates", [ended, dict(head=ended["plaintext"][:97], n=2, ts=NOW + 1)], wrong)


def of_encapsulated(m):
    """Encapsulated keys, and sizes of payloads."""
    low = {"zero": bytes(32), "one": b"\1" + bytes(31), "p": b"\xed" + b"\xff" * 30 + b"\x7f",
           "of order 8": bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")}
    for key in SUITES:
        sent = m.context(key).sent
        end, other = 17 + len(sent), m.context(key, 1).sent
        theirs = m.context(f"{key} for others", 2).sent
        for what in ("publish", "call") if key == "signed" else ("call",):
            add, good = m.under(f"encapsulated/{key}/{what}/", what, key), m.message(what, key)
            for name, change, reason in (
                    ("cut by a byte", lambda p: p[:end - 1] + p[end:], "NotOpened"),
                    ("a byte more", lambda p: p[:end] + b"\0" + p[end:], "NotOpened"),
                    ("none", lambda p: p[:17] + p[end:], "NotOpened"),
                    ("twice", lambda p: p[:end] + p[17:], "NotOpened"),
                    ("first bit changed", lambda p: flip(p, 17), "NotOpened"),
                    ("last bit changed", lambda p: flip(p, end - 1, 128), "NotOpened"),
                    ("of another context", lambda p: p[:17] + other + p[end:], "NotOpened"),
                    ("of another reading key", lambda p: p[:17] + theirs + p[end:], "NotOpened"),
                    ("all zero", lambda p: p[:17] + bytes(len(sent)) + p[end:], "NotOpened"),
                    ("nonce changed", lambda p: flip(p, end), "NotOpened"),
                    ("last of the nonce changed", lambda p: flip(p, end + 23), "NotOpened"),
                    ("first sealed byte changed", lambda p: flip(p, end + 24), "NotOpened"),
                    ("tag changed", lambda p: flip(p, -1), "NotOpened"),
                    ("a byte behind", lambda p: p + b"\0", "NotOpened"),
                    ("payload cut by a byte", lambda p: p[:-1], "NotOpened"),
                    ("no room for a tag", lambda p: p[:end + 39], "NotOpened"),
                    ("room for a tag alone", lambda p: p[:end + 40], "NotOpened"),
                    ("payload cut behind the encapsulated key", lambda p: p[:max(end, 57)], "NotOpened"),
                    ("payload cut to 57", lambda p: p[:57], "NotOpened"),
                    ("payload cut to 56", lambda p: p[:56], "Malformed"),
                    ("key id changed", lambda p: flip(p, 16), "NotOpened")):
                add(name, m.changed(good, change), reason)
            for n in {*range(7)} - {SUITES[key]}:
                reason = "NotOpened" if 1 <= n <= 5 else "Malformed"
                add(f"suite {n}", m.changed(good, lambda p, n=n: bytes([n]) + p[1:]), reason)
            for name, point in low.items():
                changed = m.changed(good, lambda p, point=point: p[:end - 32] + point + p[end:])
                add(f"of low order: {name}", changed, "NotOpened")
            add("another in front of what is sealed, and signed with it", dict(sent=other), "NotOpened")
            add("two contexts of a sender", [{}, dict(context=1, n=2)])
            add("one context of two senders", [{}, dict(by="dave")])


def of_signed_chunks(m):
    """Calls in chunks: one context, one signer, tokens that are no nonces."""
    for key in SUITES:
        for more in ("", " once"):
            name = key + more
            first = m.message("call_progress", name)
            of = {"re": first["token"], "n": 2}
            add = m.under(f"chunks/{name}/", "call", name)
            rest = [m.message("call_progress", name, seq=1, **of), m.message("call", name, seq=2, **of | {"n": 3})]
            add("three", [first, *rest])
            add("two calls in three", [first, *rest, dict(n=9)])
            add("the other form goes on", [first, of | {"seq": 1, "form": 1}])
            for last in ("call_progress", "call") if key == "signed" else ("call",):
                bad, base = m.under(f"chunks/{name}/{last}: ", last, name), {"details": TYPES[last][5]}
                if name == "signed-pq once":
                    continue  # the same as without
                for what, change, reason in (
                        ("one left out", dict(seq=2), "Gap"), ("no re", dict(re=None), "WrongRequest"),
                        ("re is the nonce", dict(re=first["nonce"]), "WrongRequest"),
                        ("another Session goes on", dict(from_=OTHER), "WrongRequest"),
                        ("another sender goes on, as the same Session", dict(by="dave"), "WrongRequest"),
                        ("another key of the sender goes on", dict(by="alice anew"), "WrongRequest"),
                        ("one on no list goes on", dict(by="carol"), "WrongSender"),
                        ("an answerer goes on", dict(by="bob"), "WrongSender"),
                        ("not signed", dict(form=0), "WrongSender"),
                        ("in another context", dict(context=1), "NotOpened"),
                        ("another encapsulated key in front, and signed with it",
                         dict(sent=m.context(name, 1).sent), "NotOpened"),
                        ("laid out as an answer", dict(towards=ANSWERS), "NotOpened"),
                        ("another realm", dict(realm="realm2"), "WrongRealm"),
                        ("another procedure", dict(uri=Y), "WrongURI"),
                        ("too old", dict(ts=NOW - 300_001), "Stale")):
                    bad(what, [first, of | {"seq": 1} | change], reason)
                whole = m.message(last, name, seq=1, **of)
                reason = "WrongRequest" if last == "call_progress" else "WrongKind"
                bad("the first once more", [first, first | base], reason)
                bad("plain", [first, m.plain(last)], "Plaintext")
                bad("under another key id", [first, m.changed(whole, lambda p: flip(p, 5))], "NotOpened")
                bad("changed", [first, m.changed(whole, lambda p: flip(p, -1))], "NotOpened")
                bad("in a box", [first, m.message(last, "box")], "NotOpened")
        add = m.under(f"chunks/{key}/", "call", key)
        first = m.message("call_progress", key)
        refused = m.message("call_progress", key, seq=1, n=2, re=first["token"], by="carol")
        refused |= {"expect": {"reason": "WrongSender", "answer": {"error": "wampbox.error", "enc": 256}}}
        add("behind a refused signer a new call begins", [first, refused, dict(n=3)])


def of_signers(m):
    """Windows, floors and tokens, apart by signer."""
    for key in SUITES:
        for what in ("publish", "call") if key == "signed" else ("publish",):
            add = m.under(f"windows/{key}/{what}", what, key)
            one, theirs = m.message(what, key), m.message(what, key, by="dave")
            top = m.message(what, key, n=9000)
            add(" replayed", [one, one], "Replayed")
            add(" with a used counter", [one, dict(args=["other"])], "Replayed")
            add(" with a used counter, in another context", [one, dict(context=1)], "Replayed")
            add(" of two signers, who name one Session and one number", [one, theirs])
            add(" of two signers, the first again", [one, theirs, one], "Replayed")
            add(" of two signers, the second again", [one, theirs, theirs], "Replayed")
            add(" of two keys of a name", [one, dict(by="alice anew")])
            add(", the last in the window", [top, dict(n=9000 - 8191)])
            add(", the first behind the window", [top, dict(n=9000 - 8192)], "Replayed")
            add(", nobody moves the window of another", [m.message(what, key, n=GREATEST, by="dave"), {}])
            answer = {"answer": {"error": "wampbox.error", "enc": 256}} if what == "call" else {}
            for name, given in {"one on no list": dict(by="carol"), "one who doesn't sign": dict(form=0),
                                "one who forges": dict(twist={"signature": lambda s: flip(s, 3)})}.items():
                forged = m.message(what, key, n=GREATEST, **given) | {"expect": {"reason": "WrongSender"} | answer}
                add(f", {name} moves no window", [forged, {}])
    flood = [m.message("publish", "signed", from_=fixed(f"sender {n}", 16), ts=NOW - 1000) for n in range(257)]
    others = [dict(by="dave", from_=by, ts=NOW - 1000) for by in (PEER, fixed("sender 0", 16), OTHER)]
    newer, as_old = ({"from_": fixed(f"sender {n}", 16), "ts": NOW - 999 - n, "n": 2} for n in (0, 1))
    m.add("windows/signed/257 senders of a signer: of forgotten ones what is newer passes", "publish", "signed",
          [*flood, *others, newer, as_old], "Stale")


def of_signed_retention(m):
    """Late events: known by signer, Session and number."""
    def late(key="signed", said=True, **changes):
        return m.message("publish", key, details={"retained": said}, **{"flags": 2, "ts": NOW - DAY} | changes)

    for key in SUITES:
        add = m.under(f"retained/{key}/", "publish", key, retained=True)
        one = late(key)
        add("late", one)
        add("twice", [one, one], "Replayed")
        add("not asked for", late(key), "Stale", retained=False)
        add("not sealed to be kept", late(key, flags=0), "Stale")
        add("sealed again under another nonce", [one, late(key, head=one["plaintext"][:81])], "WrongSender")
        add("of one on no list", late(key, by="carol"), "WrongSender")
        add("signed again with the same number", [one, late(key)], "Replayed")
        add("of two signers, who name one Session and one number", [one, late(key, by="dave")])
        add("of two signers, the first again", [one, late(key, by="dave"), one], "Replayed")
        add("of two Sessions of a signer", [one, late(key, from_=OTHER)])
        add("of two numbers", [one, late(key, n=2)])
        live = m.message("publish", key, flags=2)
        again = live | {"details": {"retained": True}}
        add("live, then late", [live, again], "Replayed")
        add("late, then live", [again, live], "Replayed")
        add("live, then another with its number late", [live, late(key)], "Replayed")
        add("live of one, late of another", [live, late(key, by="dave")])
        add("an old one leaves its counter free", [late(key, n=5), dict(n=5)])
        add("late, then live with keep and its number", [late(key, n=5), dict(n=5, flags=2)], "Replayed")
        add("a young one uses up its counter", [late(key, n=5, ts=NOW - 30_000), dict(n=5)], "Replayed")
        add("a young one uses up nobody else's", [late(key, n=5, ts=NOW - 30_000), dict(n=5, by="dave")])
