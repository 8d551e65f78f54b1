"""Keys, their ids, and the boxes they make (FORMAT.md, 2, 3 and 12)."""
import base64
import hashlib
import hmac
import re
from dataclasses import InitVar, dataclass, field
from typing import NamedTuple

from nacl import bindings as nacl
from nacl.exceptions import CryptoError

from .cbor import Fault

OVERHEAD = 57  # what a payload of ours has beside its record
ORIGINATOR, RESPONDER = "originator", "responder"
MESSAGES, ANSWERS = 1, 2
# A cipher: the size of its nonce; how it seals and opens data with associated data, nonce and key
BOX = (24, lambda data, _, nonce, key: nacl.crypto_box_afternm(data, nonce, key),
       lambda data, _, nonce, key: nacl.crypto_box_open_afternm(data, nonce, key))
AES = (12, lambda data, _, nonce, key: nacl.crypto_aead_aes256gcm_encrypt(data, None, nonce, key),
       lambda data, _, nonce, key: nacl.crypto_aead_aes256gcm_decrypt(data, None, nonce, key))
XCHACHA = 24, nacl.crypto_aead_xchacha20poly1305_ietf_encrypt, nacl.crypto_aead_xchacha20poly1305_ietf_decrypt
CIPHERS = {1: BOX, 2: XCHACHA, 3: XCHACHA, "cryptobox": BOX, "xsalsa20poly1305": BOX, "aes256gcm": AES}


def direction_of(kind):
    return MESSAGES if kind <= 3 else ANSWERS


def unbase64(text):
    """What standard base64 with padding holds, or None if the text isn't that."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def json_text(data):
    """Bytes as they are in JSON."""
    return "\0" + base64.b64encode(data).decode()


def key_bytes(text):
    """The 32 bytes that a key is written as, in base64 or hex."""
    text = text.strip()
    data = bytes.fromhex(text) if re.fullmatch("[0-9A-Fa-f]{64}", text) else unbase64(text)
    if data is None or len(data) != 32:
        raise ValueError("a key is 32 bytes, in standard base64 with padding or in hex")
    return data


class WeakKey(ValueError):
    """What has the shape of a key, and isn't one."""


class Opened(NamedTuple):
    """What was in a payload: a record's bytes. Signer is a verify key, with its name in the list."""
    data: bytes
    token: bytes
    signer: bytes | None = None
    name: str | None = None
    context: object = None


def check_weak(data, public=False):
    """Refuses what isn't a key: zeros, and public keys of low order."""
    try:
        if len(data) == 32 and any(data) and (not public or any(nacl.crypto_scalarmult(b"\1" * 32, data))):
            return data
    except CryptoError:  # so libsodium says that the result is zero
        pass
    raise WeakKey("a weak key: make a new one")


@dataclass
class Key:
    dialect: str
    roles: tuple
    secret: bytes = field(repr=False)
    algorithm: int | str  # the suite in ours, the cipher in a foreign dialect
    m: InitVar[bytes]  # what the id is made of in ours
    id: bytes | str | None = None
    signed, overhead = False, OVERHEAD
    h = begins = b""  # what is hashed in ours, and the suite and id that stand before the nonce

    def __post_init__(self, m):
        self.nonce_size, self.encrypt, self.decrypt = CIPHERS[self.algorithm]
        if self.dialect == "passthru":
            if not (self.id and len(self.id.encode()) <= 256 and self.id.isprintable()):
                raise ValueError("a key of passthru needs an id of 1 to 256 bytes that print")
        elif self.dialect == "wampbox":
            suite = bytes([self.algorithm])
            self.h = hashlib.sha256(b"wampbox-kid-2" + suite + m).digest()
            self.id, self.begins = self.h[:16], suite + self.h[:16]

    @classmethod
    def pair(cls, role, private, peer, suite=1, dialect="wampbox", id=None):
        """A half of a pair: the own private key and the other's public one; with the own public one, both."""
        own = nacl.crypto_scalarmult_base(check_weak(private))
        secret = nacl.crypto_box_beforenm(check_weak(peer, public=True), private)
        roles = (ORIGINATOR, RESPONDER) if own == peer else (role,)
        algorithm = {"wampbox": suite, "autobahn": "cryptobox", "passthru": "xsalsa20poly1305"}[dialect]
        return cls(dialect, roles, secret, algorithm, own + peer if role == ORIGINATOR else peer + own, id)

    @classmethod
    def shared(cls, secret, dialect="wampbox", id=None, cipher="xsalsa20poly1305"):
        """A key that all parties hold; with cipher aes256gcm an AES key of passthru."""
        m = hmac.digest(check_weak(secret), b"wampbox-id-2", "sha256")
        algorithm = 3 if dialect == "wampbox" else cipher
        return cls(dialect, (ORIGINATOR, RESPONDER), secret, algorithm, m, id)

    def direction_key(self, direction):
        """HKDF-SHA-256 with one block of output, in suites 2 and 3; elsewhere the secret itself."""
        if self.algorithm not in (2, 3):
            return self.secret
        pseudo_random = hmac.digest(b"wampbox-2", self.secret, "sha256")
        return hmac.digest(pseudo_random, self.begins[:1] + self.h + bytes([direction, 1]), "sha256")

    def seal(self, direction, record, nonce):
        """The payload that has the record in it. The nonce has to be new and random."""
        begins = self.begins + nonce
        return begins + self.encrypt(record, begins, nonce, self.direction_key(direction))

    def open(self, direction, payload):
        """The record in a payload. That the payload names this key is for the caller to have seen."""
        nonce, end = self.token(payload), len(self.begins) + self.nonce_size
        try:
            return self.decrypt(payload[end:], payload[:end], nonce, self.direction_key(direction))
        except (CryptoError, ValueError, TypeError):
            raise Fault("NotOpened", "another key, or changed on the way") from None

    def seal_record(self, record, data, nonce, _):
        """The payload that has the record in it, of which data are the bytes, and its token."""
        payload = self.seal(direction_of(record["kind"]), data, nonce)
        return payload, self.token(payload)

    def open_record(self, direction, payload, *_):
        return Opened(self.open(direction, payload), self.token(payload))

    def token(self, payload):
        return payload[len(self.begins):][:self.nonce_size]
