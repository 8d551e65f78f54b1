"""Vectors of what is around a record: payloads, envelopes and parts of them, URIs and patterns, what was asked for."""
from .check import unmark
from ..envelope import MAX_PAYLOAD
from .maker import FOREIGN, NO_SHAPES, OURS, PATTERN, SHAPES, TABLES, TYPES, URI, fixed, flip


def of_payloads(m):
    """What stands where a payload has to stand, and payloads that were changed."""
    for key in OURS:
        for what in ("publish", "call", "result", "error") if key == "xbox" else ("publish",):
            good = m.message(what, key)
            p = m.payload(good)
            changes = {"bit of the key id changed": (flip(p, 1), "NotOpened"),
                       "last bit of the key id changed": (flip(p, 16, 128), "NotOpened"),
                       "nonce changed": (flip(p, 17), "NotOpened"), "last of the nonce changed": (flip(p, 40), "NotOpened"),
                       "first sealed byte changed": (flip(p, 41), "NotOpened"), "last byte changed": (flip(p, -1, 128), "NotOpened"),
                       "a byte behind": (p + b"\0", "NotOpened"), "cut by a byte": (p[:-1], "NotOpened"),
                       "cut to 57": (p[:57], "NotOpened"),
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
            m.add(f"payloads/{what} as {name}", what, "box", m.changed(good, shape(m.payload(good))),
                  "Malformed")
    for what in ("publish", "call", "result", "error"):
        for name, shape in SHAPES.items():
            for key in ("xbox", "secretbox"):
                good = m.message(what, key)
                m.add(f"payloads/{key}/{what} as {name}", what, key, m.changed(good, shape(m.payload(good))))
            good = m.message(what, "autobahn")
            in_place = name in ("bytes", "U+0000 and base64", "tag 64")
            m.add(f"payloads/autobahn/{what} as {name}", what, "autobahn",
                  m.changed(good, shape(m.payload(good))), None if in_place else "Malformed")
        good = m.message(what, "secretbox")
        for name, shape in NO_SHAPES.items() if what == "result" else ():
            m.add(f"payloads/secretbox/{what} as {name}", what, "secretbox",
                  m.changed(good, shape(m.payload(good))), "Malformed")
        good = m.message(what, "autobahn")
        for name in ("U+0000 and no base64", "U+0000 alone", "an empty text", "true"):
            m.add(f"payloads/autobahn/{what} as {name}", what, "autobahn",
                  m.changed(good, NO_SHAPES[name](m.payload(good))), "Malformed")
        for key in ("box", "autobahn", "secretbox", "aes"):
            m.add(f"payloads/{key}/{what} beyond the limit", what, key,
                  m.changed(m.message(what, key), {"$fill": MAX_PAYLOAD + 1}), "TooLarge")
        for key in FOREIGN if what != "result" else ():
            good = m.message(what, key)
            p = m.payload(good)
            for name, payload, reason in (("nonce changed", flip(p, 0), "NotOpened"), ("box changed", flip(p, 30), "NotOpened"),
                                          ("last byte changed", flip(p, -1), "NotOpened"),
                                          ("a byte behind", p + b"\0", "NotOpened"), ("cut by a byte", p[:-1], "NotOpened"),
                                          ("cut to its nonce", p[:24], "NotOpened"),
                                          ("no room for a tag", p[:27 if key == "aes" else 39], "NotOpened"),
                                          ("one byte", p[:1], "NotOpened"), ("none", b"", "Malformed")):
                m.add(f"payloads/{key}/{what}/{name}", what, key, m.changed(good, payload), reason)


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
    """Parts of envelopes, envelopes with what doesn't make them parts, and other dialects and keys than the receiver's."""
    for what in ("publish", "call", "call_progress", "result", "error"):
        for case in TABLES["envelopes"]:
            if case.get("reason") != "Malformed" or what == "call" or fixed(case["name"])[0] % 5 == [*TYPES].index(what):
                key = case.get("keys", "box" if case["of"] == "plain" else case["of"])
                m.add(f"parts/{what}/{case['name']}", what, key, changed(m, what, case), case.get("reason"))
        for mine, theirs in (("box", "xbox"), ("box", "shared"), ("xbox", "box"), ("shared", "xbox"), ("box", "autobahn"),
                             ("autobahn", "box"), ("box", "secretbox"), ("secretbox", "box"), ("autobahn", "secretbox"),
                             ("aes", "autobahn"), ("secretbox", "secretbox shared"), ("secretbox", "aes")):
            foreign = m.keys[mine].dialect == "wampbox" != m.keys[theirs].dialect
            reason = "WrongURI" if what == "error" and foreign else "NotOpened"
            m.add(f"dialects/{what} for {mine} sealed with {theirs}", what, mine, m.message(what, theirs),
                  reason)
        for key in ("secretbox", "secretbox shared", "aes", "autobahn", "both"):
            m.add(f"dialects/{what}/{key}", what, key, {})


def of_places(m):
    """Patterns, plain messages, roles, and what was asked for."""
    y, closed = PATTERN + "y", "com.other.x"
    for what, name in (("publish", "topic"), ("call", "procedure")):
        add = m.under(f"places/{what}, ", what, "box")
        for match, pattern in (("prefix", PATTERN), ("prefix", PATTERN[:-1]), ("wildcard", "com.myapp.encrypted."),
                               ("wildcard", "com..encrypted.")):
            for key in ("box", "autobahn", "aes"):
                m.add(f"places/{what}, {match} {pattern}, {key}", what, key, dict(details={name: URI}),
                      uri=pattern, match=match)
            wide = {"uri": pattern, "match": match}
            add(f"{match} {pattern}, another in it", dict(details={name: y}, uri=URI), "WrongURI", **wide)
            near = "com.myapp.encryptedx.y.z" if match == "wildcard" else "COM.myapp.encrypted.x"
            for value in (closed, PATTERN[:-2], near, "", None, 1, [URI]):
                add(f"{match} {pattern}, {name} {value!r}", dict(details={name: value}), "WrongURI", **wide)
            add(f"{match} {pattern}, no {name}", {}, "WrongURI", **wide)
            add(f"{match} {pattern}, plain without {name}", m.plain(what), "WrongURI", **wide)
            m.add(f"places/{what}, {match} {pattern}, autobahn without {name}", what, "autobahn", {},
                  "WrongURI", **wide)
        add("exact, whatever the details say", dict(details={name: y}))
        add(f"exact, {name} is no text", dict(details={name: 1}))
        for key in ("box", "autobahn", "secretbox"):
            of_key = m.under(f"places/{what}, ", what, key)
            of_key(f"plain, {key}", m.plain(what), "Plaintext")
            of_key(f"nothing at all, {key}", m.plain(what, args=[]), "Plaintext")
            of_key(f"plain and closed, {key}", m.plain(what), "NoKey", uri=closed)
            of_key(f"sealed and closed, {key}", dict(uri=closed), "NoKey", uri=closed)
            of_key(f"parts and closed, {key}", dict(uri=closed, details={"enc_x": 1}), "Malformed",
                   uri=closed)
            of_key(f"sealed and plain, {key}", dict(uri="wamp.x"), "NoKey", uri="wamp.x")
            m.add(f"places/{what} for the originator's half, {key}", what, key, {}, "WrongRole",
                  role="originator")
        add("plain and plain", m.plain(what, args=[1], kwargs={"a": b"x"}), uri="wamp.x")
        add("plain and plain, nothing", m.plain(what, kwargs=None), uri="wamp.x")
        for uri in ("com.myapp.encrypted", "Com.myapp.encrypted.x"):
            add(f"{uri} is closed", dict(uri=uri), "NoKey", uri=uri)
    for second in ("call", "call_progress"):
        def chunks(key, name, second=second):
            first = m.message("call_progress", key, details={"procedure": URI})
            of = {"re": first["nonce"], "seq": 1, "n": 2} if key == "box" else {}
            return [first, m.message(second, key, details={} if name is None else {"procedure": name}, **of)]
        for key in ("box", "autobahn", "secretbox"):
            for name in (None, URI):
                m.add(f"places/{second} behind a chunk that names {name}, {key}", "call", key,
                      chunks(key, name), uri=PATTERN, match="prefix")
            for name in (y, "", 1):
                m.add(f"places/{second} behind a chunk that names {name!r}, {key}", "call", key,
                      chunks(key, name), "WrongURI", uri=PATTERN, match="prefix")
    for what in ("call", "call_progress"):
        before = m.plain("call_progress")
        m.add(f"places/plain {what} behind a plain one", "call", "box", [before, m.plain(what)], uri="wamp.x")
        m.add(f"places/sealed {what} behind a plain one", "call", "box",
              [before, m.message(what, "box", uri="wamp.x")], "WrongRequest", uri="wamp.x")
        m.add(f"places/autobahn's {what} behind a plain one", "call", "box",
              [before, m.message(what, "autobahn")], "WrongRequest", uri="wamp.x")
        m.add(f"places/parts in {what} behind a plain one", "call", "box",
              [before, m.plain(what) | {"details": TYPES[what][5] | {"ppt_x": 1}}], "Malformed", uri="wamp.x")
    for key in ("box", "autobahn", "aes"):
        for what in ("result", "progress"):
            m.add(f"places/plain {what} of a plain call, {key}", what, key, m.plain(what), call="plain")
            m.add(f"places/sealed {what} of a plain call, {key}", what, key, {}, "WrongRequest", call="plain")
            m.add(f"places/parts in {what} of a plain call, {key}", what, key,
                  m.plain(what) | {"details": TYPES[what][5] | {"enc_x": 1}}, "Malformed", call="plain")
            m.add(f"places/plain {what} of a sealed call, {key}", what, key, m.plain(what), "Plaintext")
    for value in (False, 1, "true", None):
        m.add(f"places/progress is {value!r}", "result", "box", dict(details={"progress": value}))
        m.add(f"places/progress is {value!r} of a call", "call", "box", dict(details={"progress": value}))
        m.add(f"places/progress is {value!r}, sealed as progress", "result", "box",
              m.message("progress", "box", details={"progress": value}), "WrongKind")
