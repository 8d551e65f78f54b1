"""Vectors of statements, lines of enrolment, answers and files of age (KEYSERVICE.md), and what they are made of."""
import base64
import hashlib
import json
from datetime import timedelta

from ..age import HybridKey, X25519Key, bech32, encrypt
from ..cbor import EPOCH, write
from ..signed import X25519, sha256, sign, typed_text, verify_key
from ..statement import ITEMS, MAX_RECIPIENT, MAX_STATEMENT, YEAR_9999, enclose, make, to_sign, write_answer, write_line
from .answers import NO_POINTS, SMALL
from .check import mark
from .maker import DAY, NOW, TABLES, fixed, flip, halves
from .signing import unreduced

SIGNING = {
    name: fixed(f"keyservice {name}")
    for name in ("authority", "authority anew", "shop", "desk", "fresh", "fresh anew")
}
VERIFY = {name: verify_key(seed) for name, seed in SIGNING.items()}
AGE = {"shop": X25519Key(private=fixed("age shop")), "shop next": X25519Key(private=fixed("age shop next")),
       "desk": HybridKey(private=fixed("age desk")), "recovery": X25519Key(private=fixed("age recovery")),
       "hybrid recovery": HybridKey(private=fixed("age recovery hybrid"))}
SERIAL, NONCE, GREATEST = NOW, fixed("keyservice nonce"), (1 << 64) - 1
SIGNERS = {"identity": "shop", "grant": "authority", "delegation": "authority", "get": "shop", "fresh": "fresh"}


def rfc3339(ms):
    return (EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def keyring(member, serial=SERIAL, authority="authority", expires=NOW + 28 * DAY, **more):
    """A member's keyring file: a pair's half, and a signed key of which it sends."""
    keys = halves({role: fixed(role) for role in ("originator", "responder")})
    pair = {
        "originator": {
            "private": keys["private"]["originator"]
        },
        "responder": {
            "public": keys["public"]["responder"]
        }
    }
    reading = typed_text("x25519", X25519.public(fixed("reading 4")))
    signed = {"suite": "signed", "sign": "identity", "seal": reading,
              "answerers": [{"name": "desk", "key": typed_text("ed25519", VERIFY["desk"])}]}
    grant = {"authority": typed_text("ed25519", VERIFY[authority]), "serial": serial, "member": member,
             "expires": rfc3339(expires), "opens_until": rfc3339(min(expires + 7 * DAY, YEAR_9999))}
    patterns = [{
        "prefix": "com.myapp.hello.",
        "versions": [pair]
    }, {
        "prefix": "com.myapp.orders.",
        "versions": [signed]
    }]
    return json.dumps({"version": 2, "grant": grant, "patterns": patterns} | more, indent=2).encode() + b"\n"


def encrypted(plaintext, *to):
    """A file of age to recipients, the same each time."""
    seed = hashlib.sha256(plaintext + "/".join(to).encode()).hexdigest()
    ephemeral = {name: fixed(f"ephemeral {name} {seed}") for name in to}
    for number, name in enumerate(name for name in to if isinstance(AGE[name], HybridKey)):
        ephemeral[name] = base64.b64decode(TABLES["encapsulated"][number]) + X25519.public(ephemeral[name])
    return encrypt([(AGE[name], ephemeral[name]) for name in to], plaintext, fixed(f"file key {seed}", 16),
                   fixed(f"age nonce {seed}", 16))


CIPHERTEXT = encrypted(keyring("shop"), "shop")
GOOD = {
    "identity": {
        "member": "shop",
        "key": VERIFY["shop"],
        "recipient": AGE["shop"].recipient()
    },
    "grant": {
        "authority": sha256(VERIFY["authority"]),
        "serial": SERIAL,
        "member": "shop",
        "key": sha256(VERIFY["shop"]),
        "recipient": sha256(AGE["shop"].recipient().encode()),
        "issued": NOW,
        "expires": NOW + 28 * DAY,
        "ciphertext": sha256(CIPHERTEXT)
    },
    "delegation": {
        "serial": SERIAL,
        "key": VERIFY["fresh"],
        "not_before": NOW,
        "not_after": NOW + 42 * DAY
    },
    "get": {
        "authority": sha256(VERIFY["authority"]),
        "member": "shop",
        "nonce": NONCE,
        "serial": SERIAL,
        "ciphertext": sha256(CIPHERTEXT),
        "next": None
    },
    "fresh": {
        "nonce": NONCE,
        "grant": bytes(32),
        "time": NOW + 1000
    },
}


def made(kind, **changes):
    """A statement that is good but for the items that are given."""
    return make(kind, SIGNING[SIGNERS[kind]], GOOD[kind] | changes)


GOOD["fresh"]["grant"] = sha256(made("grant"))


def content(kind, **changes):
    return write(list((GOOD[kind] | changes).values()))


def signed(kind, data, **given):
    """Any bytes, signed as a statement of a kind: so that only what is signed is wrong."""
    key = given.get("key", SIGNERS[kind])
    return enclose(data, sign(SIGNING[key], given.get("to_sign") or to_sign(given.get("label", kind), data)))


class Maker:
    def __init__(self):
        self.statements, self.answers, self.files, self.enrolments, self.exchanges = [], [], [], [], []

    @staticmethod
    def add(to, name, **entry):
        to.append(mark({"name": name} | entry))

    def good(self, kind, name, **changes):
        items = GOOD[kind] | changes
        self.add(self.statements, f"{kind}/{name}", kind=kind, signer=SIGNERS[kind], items=items,
                 wire=make(kind, SIGNING[SIGNERS[kind]], items))

    def refused(self, kind, name, wire, reason="Malformed", signer=None):
        self.add(self.statements, f"{kind}/{name}", kind=kind, signer=signer or SIGNERS[kind], wire=wire, reason=reason)


KINDS = ("grant", "delegation", "get", "fresh")  # identity's statement doesn't travel: its line has the signature


NO_NAMES = ("", " ", "a b", "-a", ".a", "_a", "n" * 65, "a/b", "a\\b", "é", "ａ", "a:b", "a@b", "..", "a\0", "a,b")


def of_good(m):
    for kind in KINDS:
        m.good(kind, "as it has to be")
    for kind, item in (("grant", "serial"), ("delegation", "serial"), ("get", "serial")):
        for n in (0, 23, 24, 255, 256, 65535, 65536, (1 << 32) - 1, 1 << 32, (1 << 53) - 1, GREATEST):
            m.good(kind, f"serial {n}", **{item: n})
    for kind, item in (("grant", "issued"), ("grant", "expires"), ("delegation", "not_before"),
                       ("delegation", "not_after"), ("fresh", "time")):
        for n in (0, YEAR_9999):
            m.good(kind, f"{item} {n}", **{item: n})
    for kind in ("grant", "get"):
        for name in ("a", "0", "A.b_c-9", "n" * 23, "n" * 24, "n" * 64):
            m.good(kind, f"member {name:.10} of {len(name)}", member=name)
        for name in NO_NAMES:
            m.refused(kind, f"not member {name!r:.10}", signed(kind, content(kind, member=name)))
    m.good("get", "nothing held", serial=0, ciphertext=sha256(b""))
    for name in ("shop next", "desk"):
        m.good("get", f"next recipient of {name}", next=AGE[name].recipient())
    for size in (1, 4096):
        m.good("get", f"next recipient of {size} bytes", next="a" * size)


# What stands in the place of an item and is none of its kind
WRONG = {"a negative integer": -1, "a list": [], "a map": {}, "true": True, "false": False, "a float": 1.5}
BY_TYPE = {
    "bytes": {
        "bytes of 31": bytes(31),
        "bytes of 33": bytes(33),
        "no bytes": b"",
        "text": "a" * 32,
        "an integer": 0,
        "null": None,
        "32 integers": [1] * 32,
        "16 integers": [1] * 16
    },
    "uint": {
        "text": "1",
        "bytes": b"\1",
        "null": None,
        "2^64": 1 << 64
    },
    "time": {
        "text": "1",
        "bytes": b"\1",
        "null": None,
        "a time in the year 10000": YEAR_9999 + 1,
        "2^63": 1 << 63,
        "2^64 - 1": GREATEST,
        "2^64": 1 << 64
    },
    "text": {
        "bytes": b"shop",
        "an integer": 1,
        "null": None
    },
    "recipient": {
        "bytes": b"age1",
        "an integer": 1,
        "no text": "",
        "a text that is too long": "a" * (MAX_RECIPIENT + 1)
    },
}
TYPE_OF = {
    "serial": "uint",
    "issued": "time",
    "expires": "time",
    "not_before": "time",
    "not_after": "time",
    "time": "time",
    "member": "text",
    "next": "recipient"
}


def of_items(m):
    """Each item in turn is something else, in a list that is signed as it has to be."""
    for kind in KINDS:
        for item in ITEMS[kind]:
            for name, value in (WRONG | BY_TYPE[TYPE_OF.get(item, "bytes")]).items():
                m.refused(kind, f"{item}: {name}", signed(kind, content(kind, **{item: value})))
            rest = {k: v for k, v in GOOD[kind].items() if k != item}
            m.refused(kind, f"{item} left out", signed(kind, write(list(rest.values()))))
        m.refused(kind, "an item more", signed(kind, write([*GOOD[kind].values(), 0])))
        m.refused(kind, "a hundred items more", signed(kind, write([*GOOD[kind].values(), *[0] * 100])))
        m.refused(kind, "a map", signed(kind, write({str(i): v for i, v in enumerate(GOOD[kind].values())})))
    for name, point in (SMALL | NO_POINTS).items():
        m.refused("delegation", f"key: {name}", signed("delegation", content("delegation", key=bytes.fromhex(point))))


def heads(data, at):
    """The item at a place with its head in each form that is longer than needed."""
    major, info = data[at] & 0xE0, data[at] & 31
    size = 0 if info < 24 else 1 << info - 24
    n = info if info < 24 else int.from_bytes(data[at + 1:at + 1 + size])
    for more in range(4):
        if 1 << more > size:
            yield 1 << more, data[:at] + bytes([major | 24 + more]) + n.to_bytes(1 << more) + data[at + 1 + size:]


def places(kind):
    """Where items of the list begin."""
    at, data = 1, content(kind)
    yield "the list", 0
    for item, value in GOOD[kind].items():
        if value is not None:
            yield item, at
        at += len(write(value))
    assert at == len(data)


def of_encodings(m):
    """The same items in other bytes, signed as they are."""
    for kind in KINDS:
        data = content(kind)
        for item, at in places(kind):
            for size, longer in heads(data, at):
                m.refused(kind, f"{item}, its head longer by {size}", signed(kind, longer))
            if data[at] & 0xE0 in (0x40, 0x60):
                major, begins = data[at] & 0xE0, at + 1 + (data[at] & 31 == 24)
                size = len(GOOD[kind][item])
                m.refused(
                    kind, f"{item} of indefinite length",
                    signed(kind,
                           data[:at] + bytes([major | 31]) + data[at:begins + size] + b"\xff" + data[begins + size:]))
            m.refused(kind, f"{item} with a tag", signed(kind, data[:at] + b"\xc1" + data[at:]))
        m.refused(kind, "a list of indefinite length", signed(kind, b"\x9f" + data[1:] + b"\xff"))
        m.refused(kind, "the list in bytes", signed(kind, write(data)))
        m.refused(kind, "a tag for CBOR in bytes", signed(kind, b"\xd8\x18" + write(data)))
        m.refused(kind, "a tag that says CBOR", signed(kind, b"\xd9\xd9\xf7" + data))
        m.refused(kind, "a map with a key that stands twice", signed(kind, b"\xa2\x61a\x01\x61a\x02"))
        m.refused(kind, "nested 5 deep", signed(kind, b"\x81" * 5 + data))
        m.refused(kind, "nested 1000 deep", signed(kind, b"\x81" * 1000 + b"\0"))
        m.refused(kind, "a simple value", signed(kind, b"\xe0"))
        m.refused(kind, "undefined", signed(kind, b"\xf7"))
        m.refused(kind, "a list that claims 2^32 items", signed(kind, b"\x9b" + (1 << 32).to_bytes(8) + data[1:]))
        if "member" in ITEMS[kind]:
            at = dict(places(kind))["member"]
            m.refused(kind, "a name that is no UTF-8", signed(kind,
                                                              data[:at] + b"\x64\xff\xfe\xfd\xfc" + data[at + 5:]))
            surrogate = data[:at] + b"\x63\xed\xa0\x80" + data[at + 5:]
            m.refused(kind, "a name with half a surrogate", signed(kind, surrogate))
            m.refused(kind, "too large", signed(kind, content(kind, member="n" * MAX_STATEMENT)))


def of_envelopes(m):
    """What stands around a list and its signature."""
    for kind in KINDS:
        wire = made(kind)
        data, signature = wire[1:-66], wire[-64:]
        for name, wrong in {
                "no bytes": b"",
                "one byte": b"\x82",
                "cut by a byte": wire[:-1],
                "cut in the middle": wire[:len(wire) // 2],
                "a byte behind": wire + b"\0",
                "another one behind": wire + wire,
                "a list of one": b"\x81" + data,
                "a list of three": b"\x83" + wire[1:] + b"\0",
                "a map of them": b"\xa1" + wire[1:],
                "the list alone": data,
                "signature and list": b"\x82" + write(signature) + data,
                "in bytes": write(wire),
                "with a tag": b"\xc1" + wire,
                "of indefinite length": b"\x9f" + wire[1:] + b"\xff",
                "its head longer": b"\x98\x02" + wire[1:],
                "a signature of 63": b"\x82" + data + write(signature[:-1]),
                "a signature of 65": b"\x82" + data + write(signature + b"\0"),
                "no signature": b"\x82" + data + b"\x40",
                "a signature that is null": b"\x82" + data + b"\xf6",
                "a signature that is text": b"\x82" + data + b"\x78\x40" + b"a" * 64,
                "a signature of indefinite length": b"\x82" + data + b"\x5f" + write(signature) + b"\xff",
                "a signature with a longer head": b"\x82" + data + b"\x59\0\x40" + signature,
                "null": b"\xf6",
                "text": b"\x64shop",
                "not CBOR": b"\xff" * 80
        }.items():
            m.refused(kind, name, wrong)


def of_signatures(m):
    """Lists that are as they have to be, signed by another, as another, or not."""
    for kind in KINDS:
        wire, data = made(kind), content(kind)
        signature = wire[-64:]
        others = [name for name in SIGNING if name != SIGNERS[kind]]
        for key in others:
            m.refused(kind, f"signed by {key}", signed(kind, data, key=key), "Forged")
        for label in ITEMS:
            if label != kind:
                m.refused(kind, f"signed as {label}", signed(kind, data, label=label), "Forged")
        for name, wrong in {
                "signed without a label": data,
                "signed without the zero": f"wampbox-{kind}-1".encode() + data,
                "signed with two zeros": to_sign(kind, b"\0" + data),
                "signed under version 2": f"wampbox-{kind}-2".encode() + b"\0" + data,
                "signed under another case": f"WAMPBOX-{kind}-1".encode() + b"\0" + data,
                "its hash is signed": to_sign(kind, sha256(data)),
                "signed with its list's head left out": to_sign(kind, data[1:])
        }.items():
            m.refused(kind, name, signed(kind, data, to_sign=wrong), "Forged")
        for name, wrong in {
                "a signature all zero": bytes(64),
                "S not reduced": unreduced(signature),
                "R changed": flip(signature, 0),
                "S changed": flip(signature, 32),
                "the highest bit of S": flip(signature, 63, 128),
                "halves turned round": signature[32:] + signature[:32]
        }.items():
            m.refused(kind, name, enclose(data, wrong), "Forged")
        for item, value in GOOD[kind].items():
            other = {int: 1, str: "desk", bytes: fixed("another")}.get(type(value), "age1other")
            m.refused(kind, f"{item} changed", enclose(content(kind, **{item: other}), signature), "Forged")
    m.refused("grant", "naming another authority than signed it",
              made("grant", authority=sha256(VERIFY["authority anew"])), "Forged")
    m.refused("grant", "naming an authority by its key", made("grant", authority=VERIFY["authority"]), "Forged")


def of_answers(m):
    """Answers as they travel, taken apart: nothing of their statements is verified."""
    parts = {"grant": made("grant"), "delegation": made("delegation"), "fresh": made("fresh")}

    def add(name, ciphertext, **changes):
        given = parts | {"ciphertext": ciphertext} | changes
        wire = write_answer(given["grant"], ciphertext, given["delegation"], given["fresh"])
        m.add(m.answers, name, wire=wire, **given)

    add("with a ciphertext", CIPHERTEXT)
    add("without one, as the member has it", b"")
    for size in (1, 23, 24, 255, 256, 65535, 65536):
        add(f"with {size} bytes in the place of a ciphertext", b"x" * size)
    add("with statements of others", CIPHERTEXT, grant=made("delegation"), delegation=made("get"), fresh=made("grant"))
    wire = write_answer(parts["grant"], b"x" * 30, parts["delegation"], parts["fresh"])
    head = wire.index(b"\x58\x1e" + b"x" * 30)
    before, behind = wire[:head], wire[head + 32:]
    for name, wrong in {
            "no bytes": b"",
            "a list of three": b"\x83" + parts["grant"] + b"\x40" + parts["delegation"],
            "a list of five": b"\x85" + wire[1:] + b"\xf6",
            "a byte behind": wire + b"\0",
            "cut by a byte": wire[:-1],
            "of indefinite length": b"\x9f" + wire[1:] + b"\xff",
            "its head longer": b"\x98\x04" + wire[1:],
            "a ciphertext that is null": before + b"\xf6" + behind,
            "a ciphertext that is text": before + b"\x61x" + behind,
            "a ciphertext that is an integer": before + b"\0" + behind,
            "a ciphertext that is a list": before + b"\x80" + behind,
            "a ciphertext of indefinite length": before + b"\x5f\x58\x1e" + b"x" * 30 + b"\xff" + behind,
            "a ciphertext with a longer head": before + b"\x59\0\x1e" + b"x" * 30 + behind,
            "a ciphertext with a tag": before + b"\xd8\x40\x58\x1e" + b"x" * 30 + behind,
            "a map": b"\xa2" + wire[1:],
            "null": b"\xf6",
            "nested 10 deep": b"\x84" + b"\x81" * 10 + wire[1:],
            "a grant in bytes, with a tag": b"\x84\xd8\x18" + write(parts["grant"]) + wire[head:],
            "a grant of indefinite length": b"\x84\x9f" + parts["grant"][1:] + b"\xff" + wire[head:],
            "a grant that is undefined": b"\x84\xf8\x1f" + wire[head:],
            "a grant that is cut": b"\x84\x82" + wire[head:],
            "bytes that claim a terabyte": b"\x84\x5b" + (1 << 40).to_bytes(8) + wire[1:],
            "a list that claims 2^32 items": b"\x9b" + (1 << 32).to_bytes(8) + wire[1:]
    }.items():
        m.add(m.answers, name, wire=wrong, reason="Malformed")


def of_files(m):
    """Files of age, which Python made from its specification."""
    def add(name, identity, file, reason=None, plaintext=None):
        m.add(m.files, name, identity=identity, file=file, **{"reason": reason} if reason else {"plaintext": plaintext})

    shop, desk = keyring("shop"), keyring("desk")
    add("to an X25519 recipient", "shop", CIPHERTEXT, plaintext=shop)
    add("to a hybrid recipient", "desk", encrypted(desk, "desk"), plaintext=desk)
    both = encrypted(shop, "shop", "recovery")
    hybrids = encrypted(desk, "desk", "hybrid recovery")
    for name, identity, file, plaintext in (("the member, of two X25519 recipients", "shop", both, shop),
                                            ("the recovery identity, of two X25519 recipients", "recovery", both,
                                             shop), ("the member, of two hybrid recipients", "desk", hybrids,
                                                     desk), ("the recovery identity, of two hybrid recipients",
                                                             "hybrid recovery", hybrids, desk)):
        add(name, identity, file, plaintext=plaintext)
    for size in (0, 1, 65535, 65536, 65537):
        add(f"of {size} bytes", "shop", encrypted(b"x" * size, "shop"), plaintext=b"x" * size)
    add("to another recipient", "shop next", CIPHERTEXT, "Decrypt")
    add("to another hybrid recipient", "hybrid recovery", encrypted(desk, "desk"), "Decrypt")
    add("to a recipient of the other kind", "shop", encrypted(desk, "desk"), "Decrypt")
    header = CIPHERTEXT.index(b"\n---") + 4
    payload = CIPHERTEXT.index(b"\n", header) + 1
    lines = CIPHERTEXT[:payload].split(b"\n")
    without_stanza = b"\n".join([lines[0], *lines[3:]]) + CIPHERTEXT[payload:]
    long = encrypted(b"x" * 65537, "shop")
    for name, wrong in {
            "the intro changed": CIPHERTEXT.replace(b"v1", b"v2", 1),
            "the share changed": flip(CIPHERTEXT,
                                      CIPHERTEXT.index(b"X25519") + 10, 2),
            "the file key changed": flip(CIPHERTEXT, header - 20, 2),
            "the MAC changed": flip(CIPHERTEXT, header + 5, 2),
            "the nonce changed": flip(CIPHERTEXT, payload),
            "the payload changed": flip(CIPHERTEXT, payload + 16),
            "the last byte changed": flip(CIPHERTEXT, -1),
            "cut by a byte": CIPHERTEXT[:-1],
            "a byte behind": CIPHERTEXT + b"\0",
            "cut behind the header": CIPHERTEXT[:payload],
            "cut in the nonce": CIPHERTEXT[:payload + 8],
            "no bytes": b"",
            "a stanza less": without_stanza,
            "the last chunk left out": long[:-17],
            "plain": shop
    }.items():
        add(name, "shop", wrong, "Decrypt")


def of_enrolments(m):
    """Lines that members hand over."""
    def line(**changes):
        return write_line(SIGNING["shop"], GOOD["identity"] | changes)

    def good(name, text=None, **changes):
        m.add(m.enrolments, name, signer="shop", line=text or line(**changes), items=GOOD["identity"] | changes)

    def refused(name, text):
        m.add(m.enrolments, name, line=text, reason="Enrolment")

    good("of an X25519 recipient")
    good("of a hybrid recipient", recipient=AGE["desk"].recipient())
    for member in ("a", "0", "A.b_c-9", "n" * 64):
        good(f"of a member {member:.10}", member=member)
    as_it_is, words = line(), line().split()
    good("with white space", text="\t" + "\n  ".join(words) + "\r\n")
    for member in NO_NAMES[3:]:
        refused(f"of a member {member!r:.10}", line(member=member))
    recipient = words[3]
    for name, wrong in {
            "in capitals": recipient.upper(),
            "with a letter changed": recipient[:20] + "q" + recipient[21:],
            "cut": recipient[:-1],
            "with another prefix": recipient.replace("age1", "age2"),
            "an identity": AGE["shop"].identity(),
            "hybrid, cut": AGE["desk"].recipient()[:-1],
            "hybrid, as X25519": bech32("age", AGE["desk"].public),
            "X25519, as hybrid": bech32("age1pq", AGE["shop"].public),
            "of 31 bytes": bech32("age", bytes(31)),
            "hybrid, a coefficient not reduced": bech32("age1pq", b"\xff\xff\xff" + AGE["desk"].public[3:]),
            "of ssh": "ssh-ed25519",
            "a plugin's": bech32("age1yubikey", b"\2" + bytes(32)),
            "too long": "age1" + "q" * MAX_RECIPIENT
    }.items():
        refused(f"a recipient {name}", line(recipient=wrong))
    for name, point in (SMALL | NO_POINTS).items():
        refused(f"a verify key: {name}", line(key=bytes.fromhex(point)))
    signature = base64.b64decode(words[4])
    for name, at, wrong in (("another label", 0, "wampbox-identity-2"),
                            ("a label in capitals", 0, "WAMPBOX-IDENTITY-1"), ("another name", 1, "desk"),
                            ("another key", 2, typed_text("ed25519",
                                                          VERIFY["desk"])), ("a key without a type", 2, words[2][8:]),
                            ("a key of another type", 2, "x25519:" + words[2][8:]),
                            ("a key in hex", 2, "ed25519:" + VERIFY["shop"].hex()), ("another recipient", 3,
                                                                                     AGE["shop next"].recipient()),
                            ("a signature of nothing", 4, base64.b64encode(bytes(64)).decode()),
                            ("S not reduced", 4, base64.b64encode(unreduced(signature)).decode()),
                            ("a signature without padding", 4, words[4].rstrip("=")),
                            ("a signature of 63 bytes", 4,
                             base64.b64encode(signature[:-1]).decode()), ("a signature in hex", 4, signature.hex()),
                            ("a signature in base64url", 4, base64.urlsafe_b64encode(b"\xff" * 64).decode()),
                            ("bits behind the signature", 4, words[4][:-3] + "B=="),
                            ("signed by another", 4, write_line(SIGNING["desk"], GOOD["identity"]).split()[4]),
                            ("signed as a get", 4,
                             base64.b64encode(sign(SIGNING["shop"], to_sign("get", content("identity")))).decode()),
                            ("signed without a label", 4, base64.b64encode(sign(SIGNING["shop"],
                                                                                content("identity"))).decode())):
        refused(name, " ".join(words[:at] + [wrong] + words[at + 1:]))
    for name, text in {
            "no line": "",
            "a word less": " ".join(words[:-1]),
            "a word more": as_it_is + " x",
            "two lines": f"{as_it_is}\n{as_it_is}",
            "words in another order": " ".join(words[::-1]),
            "apart by commas": ",".join(words),
            "too long": as_it_is + " " * 8192
    }.items():
        refused(name, text)
