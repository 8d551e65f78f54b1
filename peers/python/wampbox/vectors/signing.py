"""What vectors of suites 4 and 5 are made of: keys of parties, contexts that are always the same, and messages
whose form, signer and signature may be other ones than they have to be."""
import base64
import struct

from .check import key_of, mark
from .maker import TABLES, TYPES, Maker, fixed, shown_id
from ..keys import ANSWERS, MESSAGES
from ..record import write_record
from ..signed import HOUR, KEMS, MINUTE, ONCE, SIGNED, TYPES as KINDS, X25519, XWing, sha256, sign, signer_of
from ..signed import typed_text, verify_key

SUITES = {"signed": 4, "signed-pq": 5}
# Names of whose signing keys there are. Alice has two; Carol is on no list
PARTIES = {"alice": "alice", "alice anew": "alice", "dave": "dave", "bob": "bob", "erin": "erin", "carol": "carol"}
SENDERS, ANSWERERS = ("alice", "alice anew", "dave"), ("bob", "erin")
SIGNING = {party: fixed(f"signing {party}") for party in PARTIES}
VERIFY = {party: verify_key(SIGNING[party]) for party in PARTIES}
# By what follows the name of the suite, what versions say
VERSIONS = {"": {}, " once": {"signed_once": True}, " any": {"any_answerer": True},
            " any once": {"any_answerer": True, "signed_once": True}, " unsigning": {"any_answerer": True},
            " for others": {}}
ORDER = (1 << 252) + 27742317777372353535851937790883648493


def signers():
    for party, seed in SIGNING.items():
        yield {"signing": typed_text("ed25519", seed), "verify": typed_text("ed25519", VERIFY[party]),
               "signer": signer_of(VERIFY[party]).hex()}


def entry(name, suite, more):
    """Keys of suite 4 or 5, all of one reading key, but for those for others."""
    private = fixed(f"reading {suite}" + " for others" * (more == " for others"))
    written = {party: typed_text("ed25519", key) for party, key in VERIFY.items()}
    parties = {"originator": "alice"} | ({} if more == " unsigning" else {"responder": "bob"})
    return VERSIONS[more] | {
        "name": name + more, "suite": suite, "dialect": "wampbox",
        "reading": {"private": typed_text(KINDS[suite], private),
                    "public": typed_text(KINDS[suite], KEMS[suite].public(private))},
        "signing": {role: typed_text("ed25519", SIGNING[party]) for role, party in parties.items()},
        "senders": [[PARTIES[party], written[party]] for party in SENDERS],
        "answerers": [] if "any_answerer" in VERSIONS[more] else [[PARTIES[p], written[p]] for p in ANSWERERS]}


class SignedMaker(Maker):
    def __init__(self):
        super().__init__()
        for name, suite in SUITES.items():
            for more in VERSIONS:
                made = entry(name, suite, more)
                self.keys[name + more] = key = key_of(made, "originator", True)
                self.entries.append(made | {"id": shown_id(key)})
        self.contexts, self.opening, self.key_texts = {}, [], []

    def context(self, key, number=0):
        """A context of a key, by its number."""
        of = self.keys[key]
        sent = X25519.public(fixed(f"context {number}"))
        if of.kem is XWing:
            sent = base64.b64decode(TABLES["encapsulated"][number]) + sent
        return self.contexts.setdefault((of.id, number), of.join(sent))

    def message(self, what, key, *args, **changes):
        of = self.keys[key]
        return (self.signed_message if of.signed else super().message)(what, key, *args, **changes)

    def signed_message(self, what, key, data=None, *, by=None, form=None, context=0, sent=None, towards=None,
                       nonce=None, head=None, details=None, twist=None, **changes):
        """A message that is as it has to be, but for what is given: data are the record's bytes, sent is the
        encapsulated key in front, towards the direction; head is what stands before the record, and twist what
        is another in it than it has to be."""
        kind, _, _, _, direction, base = TYPES[what]
        of, record, nonce = self.keys[key], self.record(what, **changes), nonce or self.nonce()
        data = write_record(record) if data is None else data
        towards, context = towards or direction, self.context(key, context) if isinstance(context, int) else context
        by = by or ("alice" if direction == MESSAGES else "bob")
        form = form if form is not None else 2 if of.signed_once and what not in ("publish", "refusal") else 1
        begins = of.begins + (context.sent if sent is None else sent) * (towards == MESSAGES) + nonce
        if head is None:
            head = made_head(form, by, **{"direction": direction, "h": of.h, "begins": begins, "data": data,
                                          "sent": context.sent, "realm": record["realm"], "from_": record["from"],
                                          "first": record["ts"] - MINUTE} | (twist or {}))
        plaintext = head + data
        enc = of.enclose(towards, begins, plaintext, context)
        token = of.token(plaintext, nonce + enc[-16:]) if plaintext[:1] in (b"\1", b"\2") else None
        name = {} if form == 0 or towards == ANSWERS and of.any_answerer else {"sender": PARTIES[by]}
        return {"type": kind, "details": base | (details or {}), "args": [], "kwargs": {"enc": enc}, "nonce": nonce,
                "plaintext": plaintext, "token": token, "expect": {"record": record} | name}

    def first(self, key, context=0, **more):
        """A call that begins an exchange, for others to go on in."""
        return self.signed_message("call", key, context=context, **more)

    def open(self, name, what, key, reason=None, change=None, alone=False, **given):
        """A payload that opens, or doesn't, in the context of a call, or alone."""
        first = None if alone else self.first(key)
        if first and TYPES[what][4] == ANSWERS:
            given = {"re": first["token"]} | given
        message = self.signed_message(what, key, **given)
        enc = message["kwargs"]["enc"]
        entry = {"name": name, "keys": key, "direction": TYPES[what][4], "nonce": message["nonce"],
                 "plaintext": message["plaintext"], "enc": change(enc) if change else enc,
                 "expect": {"reason": reason} if reason else message["expect"]}
        if not reason and entry["direction"] == MESSAGES:
            entry["expect"] = entry["expect"] | {"token": message["token"]}
        self.opening.append(mark(entry | ({"first": first["kwargs"]["enc"]} if first else {})))

    def opened_under(self, prefix, what, key, **always):
        """Open, for entries of one sort whose names begin with the prefix."""
        return lambda name, *reason, **given: self.open(prefix + name, what, key, *reason, **always | given)

    def seal_in(self, name, key, what, size=None, **changes):
        """What sealing an answer gives in the context of a call."""
        first, nonce = self.first(key), self.nonce()
        record = self.record(what, **{"re": first["token"]} | changes)
        of = key_of(next(e for e in self.entries if e["name"] == key), "responder")
        context = of.open_record(MESSAGES, first["kwargs"]["enc"]).context
        enc, _ = of.seal_record(record, write_record(record, size), nonce, context)
        entry = {"name": name, "keys": key, "role": "responder", "record": record, "nonce": nonce,
                 "plaintext": of.plaintext(ANSWERS, enc, context), "enc": enc, "first": first["kwargs"]["enc"]}
        self.sealing.append(mark(entry | ({"size": size} if size else {})))


def made_head(form, by, *, direction, h, begins, data, sent, realm, from_, first, last=None, label=None, zero=b"\0",
              signer=None, dates=None, signature=lambda s: s):
    """What stands before a record. Dates are those that are written, if these are other ones than are signed."""
    if form == 0:
        return b"\0"
    signer = signer_of(VERIFY[by]) if signer is None else signer
    between = struct.pack(">QQ", first, first + HOUR if last is None else last) if form == 2 else b""
    label = (SIGNED, ONCE)[form - 1][:-1] if label is None else label
    signed = label + zero + bytes([direction]) + h
    if form == 1:
        signed += sha256(begins) + sha256(data)
    else:
        signed += sha256(sent) + sha256(realm.encode()) + from_ + between
    if dates:
        between = struct.pack(">QQ", *dates)
    return bytes([form]) + signer + between + signature(sign(SIGNING[by], signed))


def unreduced(signature):
    """The signature with an S that says the same, and isn't less than the order."""
    return signature[:32] + (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
