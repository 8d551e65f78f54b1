"""Signed envelopes, suites 4 and 5 (FORMAT.md, 3.1): keys, contexts in HPKE, forms and signatures."""
import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from nacl import bindings as nacl
from nacl.exceptions import CryptoError

from .cbor import Fault, require
from .keys import ANSWERS, MESSAGES, ORIGINATOR, OVERHEAD, RESPONDER, XCHACHA, Opened, WeakKey
from .keys import check_weak, direction_of, unbase64
from .record import PUBLISH, REFUSAL, read_record

P, PQ_PUBLIC, PQ_SENT = (1 << 255) - 19, 1184, 1088
SIGNED, ONCE = b"wampbox-signature-2\0", b"wampbox-context-2\0"
HEADS = {0: 1, 1: 81, 2: 97}  # by form: what stands before the record
MINUTE, HOUR = 60_000, 3_600_000


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# Keys

def typed_text(kind, data):
    return f"{kind}:{base64.b64encode(data).decode()}"


def typed_bytes(text, kind, size=32):
    """The bytes that a key of this type is written as."""
    said, _, rest = text.strip().partition(":")
    data = unbase64(rest)
    if said != kind or data is None or len(data) != size:
        raise ValueError(f"a key of {size} bytes is {kind}: and standard base64 with padding")
    return data


def verify_key(signing):
    return Ed25519PrivateKey.from_private_bytes(check_weak(signing)).public_key().public_bytes_raw()


def sign(signing, message):
    return Ed25519PrivateKey.from_private_bytes(signing).sign(message)


def verified(verify, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(verify).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def signer_of(verify):
    return sha256(b"wampbox-signer-2", verify)[:16]


def check_verify_key(data):
    """Refuses what isn't on the curve, is of small order, or isn't written as it has to be."""
    written, sign_bit = int.from_bytes(data, "little") & (1 << 255) - 1, data[31] >> 7
    y, d = written % P, -121665 * pow(121666, -1, P) % P
    square = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        raise ValueError("no point of Ed25519")
    point = x, y
    for _ in range(3):
        point = doubled(*point, d)
    if point == (0, 1):
        raise WeakKey("a weak key: make a new one")
    if written >= P:
        raise ValueError("a point that isn't written as it has to be")
    return data


def doubled(x, y, d):
    """Twice a point of Ed25519."""
    product = d * x * x * y * y % P
    return 2 * x * y * pow(1 + product, -1, P) % P, (y * y + x * x) * pow(1 - product, -1, P) % P


def check_public(suite, data):
    """Refuses what is no reading public key."""
    if len(data) != SIZES[suite]:
        raise ValueError("no reading public key of this suite")
    check_weak(data[-32:], public=True)
    if int.from_bytes(data[-32:], "little") >= P:
        raise ValueError("a key of X25519 that isn't written as it has to be")
    if suite == 5:
        MLKEM768PublicKey.from_public_bytes(data[:PQ_PUBLIC])
    return data


# HPKE (RFC 9180), base mode, HKDF-SHA256

def extract(suite_id, salt, label, data):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite_id + label + data, "sha256")


def expand(suite_id, secret, label, info, size=32):
    info, block, out = struct.pack(">H", size) + b"HPKE-v1" + suite_id + label + info, b"", b""
    for number in range(1, -(-size // 32) + 1):
        block = hmac.digest(secret, block + info + bytes([number]), "sha256")
        out += block
    return out[:size]


class Exporter:
    """What both ends have of a shared secret: exports."""

    def __init__(self, kem, secret, info, aead=0xFFFF):
        self.suite_id = struct.pack(">4sHHH", b"HPKE", kem, 1, aead)
        hashed = [extract(self.suite_id, b"", *of) for of in ((b"psk_id_hash", b""), (b"info_hash", info))]
        self.context, self.extracted = b"\0" + b"".join(hashed), extract(self.suite_id, secret, b"secret", b"")
        self.secret = self.derive(b"exp")

    def derive(self, label, size=32):
        return expand(self.suite_id, self.extracted, label, self.context, size)

    def export(self, label, size=32):
        return expand(self.suite_id, self.secret, b"sec", label, size)


class X25519:
    """DHKEM(X25519, HKDF-SHA256)."""
    kem, sent = 0x0020, 32

    @staticmethod
    def public(private):
        return nacl.crypto_scalarmult_base(private)

    @classmethod
    def derive(cls, dh, sent, public):
        suite_id = b"KEM" + struct.pack(">H", cls.kem)
        return expand(suite_id, extract(suite_id, b"", b"eae_prk", dh), b"shared_secret", sent + public)

    @classmethod
    def encapsulate(cls, public, random):
        ephemeral = random(32)
        sent = cls.public(ephemeral)
        return sent, cls.derive(nacl.crypto_scalarmult(ephemeral, public), sent, public)

    @classmethod
    def decapsulate(cls, private, sent):
        return cls.derive(nacl.crypto_scalarmult(private, sent), sent, cls.public(private))


class XWing:
    """MLKEM768-X25519."""
    kem, sent, label = 0x647A, PQ_SENT + 32, b"\\.//^\\"

    @staticmethod
    def halves(seed):
        data = hashlib.shake_256(seed).digest(96)
        return MLKEM768PrivateKey.from_seed_bytes(data[:64]), data[64:]

    @classmethod
    def public(cls, seed):
        pq, private = cls.halves(seed)
        return pq.public_key().public_bytes_raw() + X25519.public(private)

    @classmethod
    def combine(cls, pq, dh, sent, public):
        return hashlib.sha3_256(pq + dh + sent[PQ_SENT:] + public[PQ_PUBLIC:] + cls.label).digest()

    @classmethod
    def encapsulate(cls, public, random):
        ephemeral = random(32)
        pq, pq_sent = MLKEM768PublicKey.from_public_bytes(public[:PQ_PUBLIC]).encapsulate()
        sent = pq_sent + X25519.public(ephemeral)
        return sent, cls.combine(pq, nacl.crypto_scalarmult(ephemeral, public[PQ_PUBLIC:]), sent, public)

    @classmethod
    def decapsulate(cls, seed, sent):
        pq, private = cls.halves(seed)
        dh = nacl.crypto_scalarmult(private, sent[PQ_SENT:])
        return cls.combine(pq.decapsulate(sent[:PQ_SENT]), dh, sent, bytes(PQ_PUBLIC) + X25519.public(private))


KEMS = {4: X25519, 5: XWing}
TYPES, SIZES = {4: "x25519", 5: "xwing"}, {4: 32, 5: PQ_PUBLIC + 32}


class Context:
    """A context as both ends have it: the encapsulated key, and a key for each direction. Once has what was
    signed once in it, by direction: until when that may be sent, and what stands before the record."""

    def __init__(self, key, sent, shared):
        exporter = Exporter(key.kem.kem, shared, b"wampbox-2" + key.begins[:1] + key.h)
        self.sent, self.once = sent, {}
        self.keys = {MESSAGES: exporter.export(b"message"), ANSWERS: exporter.export(b"answer")}


@dataclass
class SignedKey:
    """A version of suite 4 or 5, as far as a party has it. Senders and answerers are names by verify keys."""
    suite: int
    sign: bytes | None = field(default=None, repr=False)
    public: bytes | None = None
    read: bytes | None = field(default=None, repr=False)
    senders: dict = field(default_factory=dict)
    answerers: dict = field(default_factory=dict)
    any_answerer: bool = False
    signed_once: bool = False
    dialect, algorithm, nonce_size, signed = "wampbox", "", 24, True

    def __post_init__(self):
        self.kem = KEMS[self.suite]
        own = self.kem.public(check_weak(self.read)) if self.read else self.public
        if own is None or self.public not in (None, own) or self.public and not self.sign:
            raise ValueError("give a reading key, or its public half with a signing key, and no two that differ")
        if self.any_answerer and self.answerers:
            raise ValueError("list answerers, or take any")
        for data in (*self.senders, *self.answerers):
            check_verify_key(data)
        suite = bytes([self.suite])
        self.h = self.secret = sha256(b"wampbox-kid-2", suite, check_public(self.suite, own))
        self.id, self.begins = self.h[:16], suite + self.h[:16]
        self.roles = (ORIGINATOR,) * bool(self.public) + (RESPONDER,) * bool(self.read)
        self.verify = verify_key(self.sign) if self.sign else None

    @property
    def overhead(self):
        """Of an answer that isn't signed once."""
        return OVERHEAD + HEADS[1 if self.sign else 0]

    @property
    def takes_answers(self):
        return self.any_answerer or bool(self.answerers)

    def begin(self, random):
        """A new context."""
        return Context(self, *self.kem.encapsulate(self.public, random))

    def join(self, sent):
        """The context of an encapsulated key."""
        try:
            return Context(self, sent, self.kem.decapsulate(self.read, sent))
        except (CryptoError, TypeError, ValueError):
            raise Fault("NotOpened", "an encapsulated key that isn't taken") from None

    def _signature_once(self, direction, context, record, dates):
        return b"".join((ONCE, bytes([direction]), self.h, sha256(context.sent), sha256(record["realm"].encode()),
                         record["from"], dates))

    def _head(self, direction, context, record, data, begins):
        """What stands before a record, by the form that it is sent in."""
        if not self.sign:
            return b"\0"
        signer = signer_of(self.verify)
        if not self.signed_once or record["kind"] in (PUBLISH, REFUSAL):
            signed = SIGNED + bytes([direction]) + self.h + sha256(begins) + sha256(data)
            return b"\1" + signer + sign(self.sign, signed)
        first, last, head = context.once.get(direction, (0, -1, None))
        if not first <= record["ts"] <= last:
            first = max(record["ts"] - MINUTE, 0)
            dates = struct.pack(">QQ", first, first + HOUR)
            head = b"\2" + signer + dates + sign(self.sign, self._signature_once(direction, context, record, dates))
            context.once[direction] = first, first + HOUR, head
        return head

    def seal_record(self, record, data, nonce, context):
        """The payload that has the record in it, of which data are the bytes, and its token."""
        direction = direction_of(record["kind"])
        begins = self.begins + context.sent * (direction == MESSAGES) + nonce
        plaintext = self._head(direction, context, record, data, begins) + data
        payload = self.enclose(direction, begins, plaintext, context)
        return payload, self.token(plaintext, nonce + payload[-16:])

    @staticmethod
    def enclose(direction, begins, plaintext, context):
        return begins + XCHACHA[1](plaintext, begins, begins[-24:], context.keys[direction])

    def token(self, plaintext, nonce_and_tag):
        of = {0: b"", 1: plaintext[17:81], 2: nonce_and_tag}[plaintext[0]]
        return sha256(b"wampbox-token-2", self.h, of)[:24]

    def begins_until(self, direction):
        return 17 + self.kem.sent * (direction == MESSAGES) + 24

    def plaintext(self, direction, payload, context):
        end = self.begins_until(direction)
        try:
            return XCHACHA[2](payload[end:], payload[:end], payload[end - 24:end], context.keys[direction])
        except CryptoError:
            raise Fault("NotOpened", "another key, or changed on the way") from None

    def open_record(self, direction, payload, context=None, known=None):
        """What is in a payload; context is that of the exchange. Known are contexts that are remembered."""
        end = self.begins_until(direction)
        require(len(payload) >= end + 16, "NotOpened", "too short for its direction")
        sent, begins = payload[17:end - 24], payload[:end]
        require(not context or sent in (b"", context.sent), "NotOpened", "another context than the exchange's")
        context = context or (known or {}).get((self.id, sent)) or self.join(sent)
        plaintext = self.plaintext(direction, payload, context)
        form = plaintext[0] if plaintext else None
        require(form in HEADS and len(plaintext) >= HEADS[form], "Malformed", "no form, or a part of one")
        data, signer = plaintext[HEADS[form]:], self._check_form(direction, form, plaintext, begins, context)
        name = (self.senders if direction == MESSAGES else self.answerers).get(signer)
        return Opened(data, self.token(plaintext, begins[-24:] + payload[-16:]), signer, name, context)

    def _check_form(self, direction, form, plaintext, begins, context):
        """The verify key of the signer, or None where any answerer is taken."""
        passed, data = direction == ANSWERS and self.any_answerer, plaintext[HEADS[form]:]
        require(form != 0 or passed, "WrongSender", "not signed")
        require(form != 2 or self.signed_once, "WrongSender", "signed once, which isn't asked for")
        signed = SIGNED + bytes([direction]) + self.h + sha256(begins) + sha256(data)
        if form == 2:
            record, dates = read_record(data), plaintext[17:33]
            first, last = struct.unpack(">QQ", dates)
            require(record["kind"] not in (PUBLISH, REFUSAL), "WrongSender", "has to be signed itself")
            good = first <= record["ts"] <= last <= first + HOUR
            require(good or passed, "WrongSender", "out of its dates")
            signed = self._signature_once(direction, context, record, dates)
        if passed:
            return None
        listed = self.senders if direction == MESSAGES else self.answerers
        signer = next((verify for verify in listed if signer_of(verify) == plaintext[1:17]), None)
        right = signer and verified(signer, plaintext[HEADS[form] - 64:HEADS[form]], signed)
        require(right, "WrongSender", "no key of the list signed it")
        return signer
