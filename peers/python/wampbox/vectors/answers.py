"""Vectors of suites 4 and 5 below a Session: answers and chunks that open, or don't, in the context of a call; what
sealing gives in one; and texts of keys."""
from .check import unmark
from ..keys import ANSWERS, MESSAGES
from ..signed import HOUR, MINUTE, ONCE, SIGNED, P, signer_of, typed_text
from .maker import NOW, OTHER, TABLES, fixed, flip
from .senders import GREATEST, answering
from .signing import SUITES, VERIFY, VERSIONS, unreduced

REPLIES = ("result", "progress", "error", "refusal")


def of_opened(m):
    """Messages with their tokens, and answers of each version."""
    for key in SUITES:
        for what in ("publish", "call", "call_progress"):
            m.open(f"{key}/{what}", what, key, alone=True)
            if what != "publish":
                m.open(f"{key} once/{what}", what, f"{key} once", alone=True)
                m.open(f"{key}/{what}, a later chunk", what, key, re=m.first(key)["token"], seq=1, n=2)
        for what in REPLIES:
            for more in VERSIONS:
                m.open(f"{key}{more}/{what}", what, key + more)
            m.open(f"{key} once/{what} in form 1", what, f"{key} once", form=1)
            m.open(f"{key}/{what} of another answerer", what, key, by="erin")
            for more in (" any", " any once", " unsigning"):
                add = m.opened_under(f"{key}{more}/{what} ", what, key + more)
                add("not signed", form=0)
                add("of one on no list", by="carol")
                add("with a signature that is none", head=b"\1" + bytes(80))
                if what == "refusal" or "once" not in more:
                    add("in form 2", "WrongSender", form=2)
                else:
                    add("with dates that are none", head=b"\2" + b"\xff" * 96)
                add("in form 3", "Malformed", head=b"\3" + bytes(96))
                add("with a head that is cut short", "Malformed", head=b"\1" + bytes(79), data=b"")
                add("that is empty", "Malformed", head=b"", data=b"")
                add("that is no record", "Malformed", form=0, data=b"\xf6")


def of_refused_answers(m):
    """Answers that don't open, and those that no answerer signed."""
    twists = {
        "with the signer of another of the list": dict(signer=signer_of(VERIFY["erin"])),
        "with the signer of nobody": dict(signer=bytes(16)), "with S not reduced": dict(signature=unreduced),
        "with a signature that was changed": dict(signature=lambda s: flip(s, 20)),
        "with a signature all zero": dict(signature=lambda s: bytes(64)),
        "signed as a message": dict(direction=MESSAGES), "signed for another key": dict(h=bytes(32)),
        "signed for another record": dict(data=b"\x8b"), "signed for another nonce": dict(begins=bytes(41)),
        "signed under form 2's label": dict(label=ONCE[:-1]), "signed without the zero": dict(zero=b""),
    }
    for key in SUITES:
        for what in REPLIES if key == "signed" else ("result",):
            add, sent = m.opened_under(f"{key}/{what} ", what, key), m.context(key).sent
            for name, twist in twists.items():
                add(name, "WrongSender", twist=twist)
            add("of a sender", "WrongSender", by="alice")
            add("of one on no list", "WrongSender", by="carol")
            add("not signed", "WrongSender", form=0)
            add("in form 2, not asked for", "WrongSender", form=2)
            add("in form 3", "Malformed", head=b"\3" + bytes(96))
            add("that is empty", "Malformed", head=b"", data=b"")
            add("cut within its signature", "Malformed", head=b"\1" + bytes(79), data=b"")
            add("that is no record, and is signed", "Malformed", data=b"\xf6")
            add("that is no record, and isn't signed", "WrongSender", data=b"\xf6", twist={"h": bytes(32)})
            add("with an encapsulated key", "NotOpened", towards=MESSAGES, context=answering(m, key))
            add("with an encapsulated key put in", "NotOpened", lambda p, sent=sent: p[:17] + sent + p[17:])
            add("in the context of another call", "NotOpened", context=1)
            add("under the message key", "NotOpened", context=messaging(m, key))
            add("with its nonce changed", "NotOpened", lambda p: flip(p, 17))
            add("with its tag changed", "NotOpened", lambda p: flip(p, -1))
            add("cut by a byte", "NotOpened", lambda p: p[:-1])
            add("cut to 57", "NotOpened", lambda p: p[:57])
            add("with a byte behind", "NotOpened", lambda p: p + b"\0")
        m.open(f"{key}/a call reflected as its result", "result", key, "NotOpened",
               lambda p, key=key: m.first(key)["kwargs"]["enc"])
        add = m.opened_under(f"{key}/a later chunk ", "call", key, seq=1, n=2)
        add("in another context", "NotOpened", context=1)
        add("with another encapsulated key in front", "NotOpened", sent=m.context(key, 1).sent)
        add("without an encapsulated key", "NotOpened", towards=ANSWERS)
        add("of one on no list", "WrongSender", by="carol")
        add("that isn't signed", "WrongSender", form=0)
        add_once(m, f"{key} once")


def add_once(m, key):
    """Answers in form 2 that aren't taken."""
    m.open(f"{key}/refusal in form 2", "refusal", key, "WrongSender", form=2)
    for what in ("result", "progress", "error") if key == "signed once" else ("result",):
        add = m.opened_under(f"{key}/{what} in form 2, ", what, key)
        for name, twist in {
                "signed for another from": dict(from_=OTHER), "signed for another realm": dict(realm="realm2"),
                "signed as a message": dict(direction=MESSAGES), "signed for another key": dict(h=bytes(32)),
                "signed for another encapsulated key": dict(sent=m.context(key, 1).sent),
                "signed under form 1's label": dict(label=SIGNED[:-1]), "S not reduced": dict(signature=unreduced),
                "with the signer of another": dict(signer=signer_of(VERIFY["erin"])),
                "with other dates than are signed": dict(dates=(NOW - MINUTE, NOW + HOUR - MINUTE - 1)),
                "begun behind ts": dict(first=NOW + 1), "over before ts": dict(first=NOW - HOUR, last=NOW - 1),
                "longer than an hour": dict(last=NOW - MINUTE + HOUR + 1), "of all time": dict(first=0, last=GREATEST),
                "turned round": dict(first=NOW + 1, last=NOW - 1)}.items():
            add(name, "WrongSender", twist=twist)
        add("of a sender", "WrongSender", by="alice")
        add("of one on no list", "WrongSender", by="carol")
        add("by dates of one instant", twist=dict(first=NOW, last=NOW))


def messaging(m, key):
    """The context of a key, with its message key for answers too."""
    made = answering(m, key)
    made.keys = dict.fromkeys(made.keys, m.context(key).keys[MESSAGES])
    return made


def of_sealed_in_contexts(m):
    """What sealing has to give in the context of a call."""
    later = {"seq": 300, "n": (1 << 64) - 1, "ts": (1 << 63) - 1 - 2 * HOUR}
    for key in SUITES:
        for more in ("", " once", " unsigning"):
            for what in REPLIES:
                of, refusal = key + more, what == "refusal"
                cases = unmark(TABLES["sealing"]) if of == "signed" and not refusal else {"args": {}}
                for name, change in (cases | ({} if refusal else {"a later one": later})).items():
                    m.seal_in(f"{of}/{what}/{name}", of, what, **change)
                size = 256 if not refusal else 198 if more == " unsigning" else 118
                m.seal_in(f"{of}/{what}/padded", of, what, size)


# Points of Ed25519 in hex: of small order, then those that are refused otherwise; and keys of X25519
SMALL = {
    "neutral": "01" + 31 * "00", "neutral, with the sign": "01" + 30 * "00" + "80", "order 2": "ec" + 30 * "ff" + "7f",
    "order 2, with the sign": "ec" + 31 * "ff", "order 4": 32 * "00", "order 4, the other": 31 * "00" + "80",
    "order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order 8, with the sign": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "order 8, the other": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "order 8, the other, with the sign": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "y = p": "ed" + 30 * "ff" + "7f", "y = p, with the sign": "ed" + 31 * "ff", "y = p + 1": "ee" + 30 * "ff" + "7f"}
NO_POINTS = {"off the curve": "02" + 31 * "00", "y = p + 3": "f0" + 30 * "ff" + "7f",
             "y = p + 3, with the sign": "f0" + 31 * "ff"}
LOW = {"zero": 32 * "00", "one": "01" + 31 * "00", "p - 1": "ec" + 30 * "ff" + "7f", "p": "ed" + 30 * "ff" + "7f",
       "p + 1": "ee" + 30 * "ff" + "7f", "one, with the highest bit": "01" + 30 * "00" + "80",
       "order 8": "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"}
NOT_REDUCED = {"p + 2": "ef" + 30 * "ff" + "7f", "9, with the highest bit": "09" + 30 * "00" + "80",
               "2^255 - 1": 31 * "ff" + "7f", "2^256 - 1": 32 * "ff"}


def of_typed_texts(m):
    """Texts of keys of suites 4 and 5."""
    keys, private = {suite: m.keys[name] for name, suite in SUITES.items()}, fixed("private")
    good = {"signing": ("ed25519", private), "verify": ("ed25519", VERIFY["alice"]), "reading 4": ("x25519", private),
            "reading 5": ("xwing", private), "reading public 4": ("x25519", keys[4].public),
            "reading public 5": ("xwing", keys[5].public)}

    def add(kind, name, text, error=None):
        m.key_texts.append({"name": name, "kind": kind, "text": text} | ({"error": error} if error else {}))

    for kind, (begins, data) in good.items():
        text, encoded = typed_text(begins, data), typed_text("", data)[1:]
        add(kind, "as it has to be", text)
        add(kind, "white space around it", f" {text}\r\n")
        another = {"ed25519": "x25519", "x25519": "xwing", "xwing": "x25519"}[begins]
        for name, wrong in {
                "without a type": encoded, "of another type": f"{another}:{encoded}", "type alone": f"{begins}:",
                "type in capitals": text.replace(begins, begins.upper()), "type without its colon": begins + encoded,
                "space behind the type": f"{begins}: {encoded}", "space before the colon": f"{begins} :{encoded}",
                "type twice": f"{begins}:{text}", "hex": f"{begins}:{data.hex()}", "hex without a type": data.hex(),
                "a byte more": typed_text(begins, data + b"\1"), "a byte less": typed_text(begins, data[:-1]),
                "without padding": text.rstrip("="), "more padding": text + "=", "empty": "",
                "base64url": f"{begins}:{'-_' + encoded[2:]}", "a space inside": f"{text[:20]} {text[20:]}",
                "a line break inside": f"{text[:20]}\n{text[20:]}", "twice": text + text}.items():
            if wrong != text:
                add(kind, name, wrong, "key")
        if kind in ("signing", "reading 4", "reading 5"):
            add(kind, "zeros", typed_text(begins, bytes(32)), "weak")
    for names, error in ((SMALL, "weak"), (NO_POINTS, "key")):
        for name, point in names.items():
            add("verify", name, typed_text("ed25519", bytes.fromhex(point)), error)
    mixed = P - int.from_bytes(flip(VERIFY["alice"], 31, VERIFY["alice"][31] & 128), "little")
    mixed = flip(mixed.to_bytes(32, "little"), 31, ~VERIFY["alice"][31] & 128)
    add("verify", "of eight times the prime order", typed_text("ed25519", mixed))
    for suite, begins in ((4, "x25519"), (5, "xwing")):
        for names, error in ((LOW, "weak"), (NOT_REDUCED, "key")):
            for name, point in names.items():
                data = keys[suite].public[:-32] + bytes.fromhex(point)
                add(f"reading public {suite}", name, typed_text(begins, data), error)
    public = keys[5].public
    add("reading public 5", "a coefficient not reduced", typed_text("xwing", b"\xff\xff\xff" + public[3:]), "key")
    add("reading public 5", "a coefficient of 3329", typed_text("xwing", b"\x01\x0d\x00" + public[3:]), "key")
    add("reading public 5", "a private one", typed_text("xwing", private), "key")
    add("reading 5", "a public one", typed_text("xwing", public), "key")
