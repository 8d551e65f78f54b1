"""Vectors of what a member makes of answers (KEYSERVICE.md, "What a member checks")."""
import json
from dataclasses import dataclass, field

from ..signed import sha256
from ..statement import YEAR_9999, make, write_answer
from .statements import AGE, CIPHERTEXT, GOOD, GREATEST, NONCE, SERIAL, SIGNING, VERIFY, encrypted, keyring
from .maker import DAY, NOW, fixed, flip


@dataclass
class Answer:
    """An answer to a get, of parts that are as they have to be but for what is given."""
    authority: str = "authority"
    serial: int = SERIAL
    issued: int = NOW
    expires: int = NOW + 28 * DAY
    member: str = "shop"
    to: tuple = ("shop",)
    plaintext: bytes | None = None
    ciphertext: bytes | None = None  # that is sent
    grant: dict = field(default_factory=dict)  # items
    signer: str | None = None
    delegation: dict = field(default_factory=dict)
    delegator: str | None = None
    fresh: dict = field(default_factory=dict)
    prover: str = "fresh"

    def __post_init__(self):
        if self.plaintext is None:
            self.plaintext = keyring(self.member, self.serial, self.authority, self.expires)

    def parts(self):
        ciphertext = encrypted(self.plaintext, *self.to)
        key = "shop" if self.member == "shop" else "desk"
        grant = make(
            "grant", SIGNING[self.signer or self.authority], {
                "authority": sha256(VERIFY[self.authority]),
                "serial": self.serial,
                "member": self.member,
                "key": sha256(VERIFY[key]),
                "recipient": sha256(AGE[self.to[0]].recipient().encode()),
                "issued": self.issued,
                "expires": self.expires,
                "ciphertext": sha256(ciphertext)
            } | self.grant)
        delegation = make("delegation", SIGNING[self.delegator or self.authority], GOOD["delegation"] | self.delegation)
        fresh = make("fresh", SIGNING[self.prover], {
            "nonce": NONCE,
            "grant": sha256(grant),
            "time": NOW + 1000
        } | self.fresh)
        return grant, ciphertext if self.ciphertext is None else self.ciphertext, delegation, fresh

    def wire(self):
        return write_answer(*self.parts())


BOTH, LATER = ("authority", "authority anew"), NOW + DAY
NEXT = {"serial": LATER, "issued": LATER, "expires": LATER + 28 * DAY}


def of_exchanges(m):
    """What a member makes of an answer to a get with the nonce, by its clock, with what it holds. Without a nonce
    it comes from the cache."""
    def add(name,
            reason=None,
            wire=None,
            now=NOW + 2000,
            authorities=("authority", ),
            ages=("shop", ),
            member="shop",
            held=None,
            nonce=NONCE,
            **given):
        answer = Answer(**{"member": member} | given)
        expect = {"reason": reason} if reason else {"serial": answer.serial, "plaintext": answer.plaintext}
        m.add(m.exchanges, name, member=member, signer=member, ages=ages, authorities=authorities, now=now, nonce=nonce,
              held=held, wire=answer.wire() if wire is None else wire, **expect)

    first, newer = Answer().wire(), Answer(**NEXT).wire()
    add_good_exchanges(add, first)
    add_times(add, first)
    parts, other = Answer().parts(), Answer(**NEXT).parts()
    for at, part in enumerate(("grant", "ciphertext", "delegation", "fresh")):
        mixed = write_answer(*parts[:at], other[at], *parts[at + 1:])
        if part != "delegation":  # which is the same in both
            add(f"the {part} of another answer", "Mixed", mixed)
            add(f"the {part} of another answer, which is held",
                "Rollback" if part in ("ciphertext", ) else "Mixed",
                mixed,
                held=newer)
    add("an older grant than is held", "Rollback", held=newer)
    add("the held serial twice", "Mixed", held=first, expires=NOW + 27 * DAY)
    add("the held grant under a newer serial",
        "Mixed",
        serial=SERIAL + 1,
        plaintext=keyring("shop"),
        ciphertext=b"",
        held=first)
    add("an older delegation than is known", "Rollback", held=Answer(delegation={"serial": SERIAL + 1}).wire())
    add("another nonce", "NotFresh", fresh={"nonce": fixed("another nonce")})
    add("a nonce of zeros", "NotFresh", fresh={"nonce": bytes(32)})
    add("a nonce of zeros, and what is held", "NotFresh", fresh={"nonce": bytes(32)}, held=first)
    add("another member's grant", "Other", wire=Answer(member="desk", to=("desk",)).wire())
    add("another name", "Other", grant={"member": "desk"})
    add("another name, inside too", "Other", grant={"member": "desk"}, plaintext=keyring("desk"))
    add("the name in capitals", "Other", grant={"member": "SHOP"})
    add("another verify key", "Other", grant={"key": sha256(VERIFY["desk"])})
    add("another recipient", "Other", to=("shop next",))
    add("the recovery recipient's", "Other", to=("recovery", "shop"))
    add("no ciphertext, and nothing held", "Mixed", ciphertext=b"")
    add("a changed ciphertext", "Mixed", ciphertext=flip(parts[1], -1))
    add("no ciphertext for a newer grant", "Mixed", **NEXT, ciphertext=b"", held=first, now=LATER)
    for name, given in {
            "the grant": dict(signer="authority anew"),
            "the delegation": dict(delegator="authority anew"),
            "fresh": dict(prover="fresh anew"),
            "grant, by the fresh key": dict(signer="fresh"),
            "delegation, by the fresh key": dict(delegator="fresh"),
            "fresh, by the authority": dict(prover="authority"),
            "fresh, by the member": dict(prover="shop"),
            "all, by an authority that isn't pinned": dict(authority="authority anew")
    }.items():
        add(f"signed by another: {name}", "Forged", **given)
    add("the grant by another authority, both pinned", "Mixed", authorities=BOTH, wire=write_answer(
        Answer(authority="authority anew").parts()[0], *parts[1:3],
        Answer(fresh={"grant": sha256(Answer(authority="authority anew").parts()[0])}).parts()[3]))
    add("the delegation by another authority, both pinned", "Mixed", authorities=BOTH, delegator="authority anew")
    add("naming the other authority, both pinned",
        "Forged",
        authorities=BOTH,
        grant={"authority": sha256(VERIFY["authority anew"])})
    add_keyrings(add)
    add_caches(add, parts, other)
    for name, wrong in {
            "a refused answer": b"\x84" + b"\xf6" * 4,
            "no bytes": b"",
            "statements in another order": write_answer(parts[2], parts[1], parts[0], parts[3])
    }.items():
        add(name, "Forged" if "order" in name else "Malformed", wrong)


def add_caches(add, parts, other):
    def cached(name, reason=None, wire=None, **given):
        add(f"the cache: {name}", reason, wire, nonce=None, **given)

    cached("as it was served")
    cached("to another nonce", fresh={"nonce": bytes(32)})
    cached("whose grant has ended", now=NOW + 29 * DAY)
    cached("whose delegation has ended by now", now=NOW + 2 * DAY, delegation={"not_after": NOW + DAY})
    cached("of the second of two authorities", authorities=BOTH, authority="authority anew")
    cached("whose delegation had ended", "Expired", delegation={"not_after": NOW + 999})
    cached("whose delegation hadn't begun", "Ahead", delegation={"not_before": NOW + 1001})
    cached("without its ciphertext", "Mixed", ciphertext=b"")
    cached("a changed ciphertext", "Mixed", ciphertext=flip(parts[1], -1))
    cached("with the grant of another", "Mixed", write_answer(other[0], *parts[1:]))
    cached("of another member", "Other", Answer(member="desk", to=("desk",)).wire())
    cached("of another age key", "Other", to=("shop next",))
    cached("of an authority that isn't pinned any more", "Forged", authority="authority anew")
    cached("cut", "Malformed", write_answer(*parts)[:-1])
    cached("no bytes", "Malformed", b"")
    cached("issued in the future", "Ahead", issued=NOW + 2001 + DAY)
    cached("with a serial far ahead", "Ahead", serial=NOW + DAY + 1)


def add_good_exchanges(add, first):
    add("the first grant")
    add("the grant that is held", held=first)
    add("the grant that is held, without its ciphertext", held=first, ciphertext=b"")
    add("a newer grant", **NEXT, now=LATER, fresh={"time": LATER}, held=first)
    add("a newer grant to the next recipient",
        **NEXT,
        to=("shop next", ),
        ages=("shop", "shop next"),
        now=LATER,
        held=first)
    add("a grant to the old recipient beside a next one", ages=("shop", "shop next"))
    add("a hybrid recipient", member="desk", to=("desk",), ages=("desk",))
    add("a recovery recipient beside it", to=("shop", "recovery"))
    add("a hybrid recovery recipient beside it", member="desk", to=("desk", "hybrid recovery"), ages=("desk",))
    add("a newer delegation", delegation={"serial": SERIAL + 1}, held=first)
    add("another fresh key",
        delegation={
            "serial": SERIAL + 1,
            "key": VERIFY["fresh anew"]
        },
        prover="fresh anew",
        held=first)
    add("the first of two authorities", authorities=BOTH)
    add("the second of two authorities", authorities=BOTH, authority="authority anew")
    add("the authority is changed", authorities=BOTH, authority="authority anew", serial=SERIAL + 1, held=first)
    add("the authority is changed, and has delegated less often",
        authorities=BOTH,
        authority="authority anew",
        serial=SERIAL + 1,
        delegation={"serial": 1},
        held=first)


def add_times(add, first):
    far = NOW + 29 * DAY
    for name, reason, given in (("at its last instant", None, dict(now=NOW + 28 * DAY)),
                                ("an instant behind", "Expired", dict(now=NOW + 28 * DAY + 1)),
                                ("by fresh, whatever the clock", "Expired", dict(fresh={"time": far})),
                                ("by what is held, whatever the clock", "Expired",
                                 dict(held=Answer(serial=SERIAL - 1, fresh={
                                     "time": far
                                 }).wire())), ("a clock that is a year behind", None, dict(now=NOW - 365 * DAY)),
                                ("issued a day ahead", None, dict(issued=NOW + 2000 + DAY)),
                                ("issued more than a day ahead", "Ahead",
                                 dict(issued=NOW + 2001 + DAY)), ("a serial a day ahead", None, dict(serial=NOW + DAY)),
                                ("a serial more than a day ahead", "Ahead", dict(serial=NOW + DAY + 1)),
                                ("a serial far ahead", "Ahead", dict(serial=(1 << 53) - 1)),
                                ("the greatest serial", "Ahead", dict(grant={"serial": GREATEST})),
                                ("expires as it is issued", "Malformed", dict(expires=NOW)),
                                ("expires before it is issued", "Malformed", dict(expires=NOW - 1))):
        add(f"the grant's dates: {name}", reason, **given)
    for name, reason, given in (("as fresh begins", None, dict(not_before=NOW + 1000)),
                                ("begins an instant later", "Ahead", dict(not_before=NOW + 1001)),
                                ("ends as fresh does", "Expired", dict(not_after=NOW + 1000)),
                                ("ended an instant before", "Expired", dict(not_after=NOW + 999)),
                                ("ends now", None, dict(not_after=NOW + 2000)), ("turned round", "Ahead",
                                                                                 dict(not_before=NOW + 2000,
                                                                                      not_after=NOW))):
        add(f"the delegation's dates: {name}", reason, delegation=given)
    add("the delegation's dates: ended by what is held", "Expired", delegation={"not_after": NOW + 2000},
        held=Answer(serial=SERIAL - 1, fresh={"time": NOW + 3000}).wire())


def add_keyrings(add):
    """Answers that are all right but for what is encrypted."""
    as_it_is = json.loads(keyring("shop"))

    def keyed(text):
        return json.dumps(as_it_is | {"patterns": [{"prefix": "com.myapp.", "versions": [{"shared": text}]}]}).encode()

    grant = as_it_is["grant"]
    for name, reason, text in (("for another member", "Other", keyring("desk")), ("of another serial", "Mixed",
                                                                                  keyring("shop", SERIAL + 1)),
                               ("of another authority", "Mixed", keyring("shop", authority="authority anew")),
                               ("with another date", "Mixed", keyring("shop", expires=NOW + 27 * DAY)),
                               ("without a grant", "Malformed",
                                json.dumps({k: v
                                            for k, v in as_it_is.items()
                                            if k != "grant"}).encode()), ("of another version", "Malformed",
                                                                          keyring("shop", version=3)),
                               ("with a field too many", "Malformed", keyring("shop", unknown=1)),
                               ("that refers to the environment", "Malformed",
                                keyed("env:WAMPBOX_VECTORS_KEY")), ("that refers to a file", "Malformed", keyed("file:/etc/passwd")),
                               ("without patterns, of who holds nothing", None, keyring("shop", patterns=[])),
                               ("without a list of patterns", "Malformed", keyring("shop", patterns=None)),
                               ("that is no JSON", "Malformed", b"no"), ("that is empty", "Malformed", b""),
                               ("whose grant has no member", "Malformed",
                                json.dumps(as_it_is | {
                                    "grant": {k: v
                                              for k, v in grant.items() if k != "member"}
                                }).encode())):
        add(f"a keyring {name}", reason, plaintext=text)
    for name, ciphertext in (("no file of age", b"plain"), ("plain", keyring("shop")), ("cut", CIPHERTEXT[:-1]),
                             ("to others", encrypted(keyring("shop"), "shop next"))):
        add(f"a ciphertext that is {name}", "Decrypt", ciphertext=ciphertext, grant={"ciphertext": sha256(ciphertext)})
