"""Vectors of what is around a record: payloads, envelopes and parts, patterns, what was asked for."""
from .check import unmark
from ..envelope import MAX_PAYLOAD
from .maker import FOREIGN, NO_SHAPES, OURS, PATTERN, SHAPES, TABLES, TYPES, URI, fixed, flip

# What is done to a payload, and why it is refused then: to ours, and to foreign ones
CHANGES = {
    "bit of the key id changed": (lambda p: flip(p, 1), "NotOpened"),
    "last bit of the key id changed": (lambda p: flip(p, 16, 128), "NotOpened"),
    "nonce changed": (lambda p: flip(p, 17), "NotOpened"),
    "last of the nonce changed": (lambda p: flip(p, 40), "NotOpened"),
    "first sealed byte changed": (lambda p: flip(p, 41), "NotOpened"),
    "last byte changed": (lambda p: flip(p, -1, 128), "NotOpened"),
    "a byte behind": (lambda p: p + b"\0", "NotOpened"), "cut by a byte": (lambda p: p[:-1], "NotOpened"),
    "cut to 57": (lambda p: p[:57], "NotOpened"), "cut to 56": (lambda p: p[:56], "Malformed"),
    "cut to its head": (lambda p: p[:41], "Malformed"), "one byte": (lambda p: p[:1], "Malformed"),
    "none": (lambda p: b"", "Malformed"),
    "a byte in front": (lambda p: b"\1" + p, "NotOpened"), "twice": (lambda p: p + p, "NotOpened"),
    **{f"suite {n}": (lambda p, n=n: bytes([n]) + p[1:], "NotOpened" if 1 <= n <= 5 else "Malformed")
       for n in (0, 1, 2, 3, 4, 5, 6, 64, 255)},
}
FOREIGN_CHANGES = {
    "nonce changed": (lambda p: flip(p, 0), "NotOpened"), "box changed": (lambda p: flip(p, 30), "NotOpened"),
    "last byte changed": (lambda p: flip(p, -1), "NotOpened"),
    "a byte behind": (lambda p: p + b"\0", "NotOpened"), "cut by a byte": (lambda p: p[:-1], "NotOpened"),
    "cut to its nonce": (lambda p: p[:24], "NotOpened"), "no room for a tag": (lambda p: p[:39], "NotOpened"),
    "one byte": (lambda p: p[:1], "NotOpened"), "none": (lambda p: b"", "Malformed"),
}
AES_CHANGES = FOREIGN_CHANGES | {"no room for a tag": (lambda p: p[:27], "NotOpened")}


def of_payloads(m):
    """What stands where a payload has to stand, and payloads that were changed."""
    def add(name, what, key, good, change, *reason):
        m.add(f"payloads/{name}", what, key, m.changed(good, change), *reason)

    for key in OURS:
        for what in ("publish", "call", "result", "error") if key == "xbox" else ("publish",):
            good = m.message(what, key)
            for name, change in CHANGES.items():
                if name != f"suite {m.keys[key].algorithm}":
                    add(f"{key}/{what}/{name}", what, key, good, *change)
    for what in ("publish", "call", "error"):
        good = m.message(what, "box")
        for name, shape in NO_SHAPES.items():
            add(f"{what} as {name}", what, "box", good, shape, "Malformed")
    for what in ("publish", "call", "result", "error"):
        for name, shape in SHAPES.items():
            for key in ("xbox", "secretbox", "autobahn"):
                wrong = key == "autobahn" and name in ("base64", "a list of integers")
                reason = "Malformed" if wrong else None
                add(f"{key}/{what} as {name}", what, key, m.message(what, key), shape, reason)
        good = m.message(what, "secretbox")
        for name, shape in NO_SHAPES.items() if what == "result" else ():
            add(f"secretbox/{what} as {name}", what, "secretbox", good, shape, "Malformed")
        good = m.message(what, "autobahn")
        for name in ("U+0000 and no base64", "U+0000 alone", "an empty text", "true"):
            add(f"autobahn/{what} as {name}", what, "autobahn", good, NO_SHAPES[name], "Malformed")
        for key in ("box", "autobahn", "secretbox", "aes"):
            beyond = {"$fill": MAX_PAYLOAD + 1}
            add(f"{key}/{what} beyond the limit", what, key, m.message(what, key), beyond, "TooLarge")
        for key in FOREIGN if what != "result" else ():
            good = m.message(what, key)
            for name, change in (FOREIGN_CHANGES if key != "aes" else AES_CHANGES).items():
                add(f"{key}/{what}/{name}", what, key, good, *change)


def changed(m, what, case):
    """A message that is as it has to be, changed as a case of the table says."""
    of = case["of"]
    message = m.plain(what) if of == "plain" else m.message(what, of)
    details = {k: v for k, v in message["details"].items() if k not in case.get("without", ())}
    message |= {"details": details | case.get("details", {})}
    if "payload_in" in case:
        payload = m.payload(message)
        message = {k: v for k, v in message.items() if k not in ("args", "binary")}
        message[case["payload_in"]] = [payload] if case["payload_in"] == "args" else payload
    if "more" in case:
        message["args"] = message["args"] + case["more"]
    if "enc" in case or "beside" in case:
        message["kwargs"] = m.message(what, "box")["kwargs"] | case.get("beside", {})
    return {k: v for k, v in message.items() if k not in case.get("drop", ())} | unmark(case.get("set", {}))


def of_parts(m):
    """Parts of envelopes, envelopes with what doesn't make them parts, and other dialects and keys."""
    for at, what in enumerate(TYPES):
        if what in ("progress", "refusal"):
            continue
        for case in TABLES["envelopes"]:
            reason = case.get("reason")
            if reason != "Malformed" or what == "call" or fixed(case["name"])[0] % 5 == at:
                key = case.get("keys", "box" if case["of"] == "plain" else case["of"])
                m.add(f"parts/{what}/{case['name']}", what, key, changed(m, what, case), reason)
        for mine, theirs in (
                ("box", "xbox"), ("box", "shared"), ("xbox", "box"), ("shared", "xbox"), ("box", "autobahn"),
                ("autobahn", "box"), ("box", "secretbox"), ("secretbox", "box"), ("autobahn", "secretbox"),
                ("aes", "autobahn"), ("secretbox", "secretbox shared"), ("secretbox", "aes")):
            foreign = m.keys[mine].dialect == "wampbox" != m.keys[theirs].dialect
            m.add(f"dialects/{what} for {mine} sealed with {theirs}", what, mine, m.message(what, theirs),
                  "WrongURI" if what == "error" and foreign else "NotOpened")
        for key in ("secretbox", "secretbox shared", "aes", "autobahn", "both"):
            m.add(f"dialects/{what}/{key}", what, key, {})


def of_patterns(m):
    """Patterns, plain messages and roles, of events and first chunks."""
    y, closed = PATTERN + "y", "com.other.x"
    for what, detail in (("publish", "topic"), ("call", "procedure")):
        for match, pattern in (("prefix", PATTERN), ("prefix", PATTERN[:-1]), ("wildcard", PATTERN),
                               ("wildcard", "com..encrypted.")):
            wide = {"uri": pattern, "match": match}
            add = m.under(f"places/{what}, {match} {pattern}, ", what, "box", **wide)
            for key in ("box", "autobahn", "aes"):
                named = dict(details={detail: URI})
                m.add(f"places/{what}, {match} {pattern}, {key}", what, key, named, **wide)
            add("another in it", dict(details={detail: y}, uri=URI), "WrongURI")
            near = "com.myapp.encryptedx.y.z" if match == "wildcard" else "COM.myapp.encrypted.x"
            for value in (closed, PATTERN[:-2], near, "", None, 1, [URI]):
                add(f"{detail} {value!r}", dict(details={detail: value}), "WrongURI")
            add(f"no {detail}", {}, "WrongURI")
            add(f"plain without {detail}", m.plain(what), "WrongURI")
            m.add(f"places/{what}, {match} {pattern}, autobahn without {detail}", what, "autobahn", {},
                  "WrongURI", **wide)
        add = m.under(f"places/{what}, ", what, "box")
        add("exact, whatever the details say", dict(details={detail: y}))
        add(f"exact, {detail} is no text", dict(details={detail: 1}))
        for key in ("box", "autobahn", "secretbox"):
            of = m.under(f"places/{what}, ", what, key)
            of(f"plain, {key}", m.plain(what), "Plaintext")
            of(f"nothing at all, {key}", m.plain(what, args=[]), "Plaintext")
            of(f"plain and closed, {key}", m.plain(what), "NoKey", uri=closed)
            of(f"sealed and closed, {key}", dict(uri=closed), "NoKey", uri=closed)
            of(f"parts and closed, {key}", dict(uri=closed, details={"enc_x": 1}), "Malformed", uri=closed)
            of(f"sealed and plain, {key}", dict(uri="wamp.x"), "NoKey", uri="wamp.x")
            m.add(f"places/{what} for the originator's half, {key}", what, key, {}, "WrongRole",
                  role="originator")
        add("plain and plain", m.plain(what, args=[1], kwargs={"a": b"x"}), uri="wamp.x")
        add("plain and plain, nothing", m.plain(what, kwargs=None), uri="wamp.x")
        for uri in ("com.myapp.encrypted", "Com.myapp.encrypted.x"):
            add(f"{uri} is closed", dict(uri=uri), "NoKey", uri=uri)


def of_places(m):
    """Later chunks, what was asked for, and progress."""
    named = {None: None, URI: None, PATTERN + "y": "WrongURI", "": "WrongURI", 1: "WrongURI"}
    for second in ("call", "call_progress"):
        for key in ("box", "autobahn", "secretbox"):
            for name, reason in named.items():
                first = m.message("call_progress", key, details={"procedure": URI})
                of = {"re": first["nonce"], "seq": 1, "n": 2} if key == "box" else {}
                then = m.message(second, key, details={} if name is None else {"procedure": name}, **of)
                shown = repr(name) if reason else name
                m.add(f"places/{second} behind a chunk that names {shown}, {key}", "call", key, [first, then],
                      reason, uri=PATTERN, match="prefix")
    for what in ("call", "call_progress"):
        before, add = m.plain("call_progress"), m.under("places/", "call", "box", uri="wamp.x")
        parts = m.plain(what) | {"details": TYPES[what][5] | {"ppt_x": 1}}
        sealed = m.message(what, "box", uri="wamp.x")
        add(f"plain {what} behind a plain one", [before, m.plain(what)])
        add(f"sealed {what} behind a plain one", [before, sealed], "WrongRequest")
        add(f"autobahn's {what} behind a plain one", [before, m.message(what, "autobahn")], "WrongRequest")
        add(f"parts in {what} behind a plain one", [before, parts], "Malformed")
    for key in ("box", "autobahn", "aes"):
        for what in ("result", "progress"):
            add = m.under("places/", what, key)
            parts = m.plain(what) | {"details": TYPES[what][5] | {"enc_x": 1}}
            add(f"plain {what} of a plain call, {key}", m.plain(what), call="plain")
            add(f"sealed {what} of a plain call, {key}", {}, "WrongRequest", call="plain")
            add(f"parts in {what} of a plain call, {key}", parts, "Malformed", call="plain")
            add(f"plain {what} of a sealed call, {key}", m.plain(what), "Plaintext")
    for value in (False, 1, "true", None):
        said = {"details": {"progress": value}}
        m.add(f"places/progress is {value!r}", "result", "box", said)
        m.add(f"places/progress is {value!r} of a call", "call", "box", said)
        m.add(f"places/progress is {value!r}, sealed as progress", "result", "box",
              m.message("progress", "box", **said), "WrongKind")
