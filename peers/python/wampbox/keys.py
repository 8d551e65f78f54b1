"""Keys, their ids, and the boxes they make (FORMAT.md, 2, 3 and 12)."""
import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field

from nacl import bindings as nacl
from nacl.exceptions import CryptoError

from .values import Fault

ORIGINATOR, RESPONDER = "originator", "responder"
MESSAGES, ANSWERS = 1, 2
MAX_PAYLOAD, OVERHEAD = 16779264, 57


def key_bytes(text):
    """The 32 bytes that a key is written as, in base64 or hex."""
    text = text.strip()
    if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        return bytes.fromhex(text)
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != 32 or base64.b64encode(data).decode() != text:
        raise ValueError("a key is 32 bytes, in standard base64 with padding or in hex")
    return data


def check_weak(data, public=False):
    """Refuses what isn't a key: zeros, and public keys of low order."""
    weak = len(data) != 32 or not any(data)
    if public and not weak:
        try:
            weak = not any(nacl.crypto_scalarmult(bytes([1] * 32), data))
        except (CryptoError, RuntimeError):
            weak = True
    if weak:
        raise ValueError("a weak key: make a new one")
    return data


@dataclass(frozen=True)
class Key:
    dialect: str
    roles: frozenset
    secret: bytes = field(repr=False)
    suite: int = 0
    id: bytes | str | None = None
    h: bytes = b""
    cipher: str = ""

    @classmethod
    def pair(cls, role, private, peer, suite=1, dialect="wampbox", id=None):
        """One party's half of a pair: its own private key and the other's public one."""
        check_weak(private)
        check_weak(peer, public=True)
        own = nacl.crypto_scalarmult_base(private)
        m = own + peer if role == ORIGINATOR else peer + own
        secret = nacl.crypto_box_beforenm(peer, private)
        return cls._made(dialect, {role}, secret, suite, m, id, "xsalsa20poly1305")

    @classmethod
    def shared(cls, secret, dialect="wampbox", id=None, cipher="xsalsa20poly1305"):
        """A key that all parties hold; with cipher aes256gcm an AES key of passthru."""
        check_weak(secret)
        m = hmac.digest(secret, b"wampbox-id-2", "sha256")
        return cls._made(dialect, {ORIGINATOR, RESPONDER}, secret, 3, m, id, cipher)

    @classmethod
    def both(cls, private):
        """The pair of autobahn that all parties hold."""
        own = nacl.crypto_scalarmult_base(check_weak(private))
        secret = nacl.crypto_box_beforenm(own, private)
        return cls._made("autobahn", {ORIGINATOR, RESPONDER}, secret, 0, b"", None, "")

    @classmethod
    def _made(cls, dialect, roles, secret, suite, m, id, cipher):
        if dialect == "wampbox":
            h = hashlib.sha256(b"wampbox-kid-2" + bytes([suite]) + m).digest()
            return cls(dialect, frozenset(roles), secret, suite, h[:16], h)
        if dialect == "autobahn":
            return cls(dialect, frozenset(roles), secret)
        if not (isinstance(id, str) and 1 <= len(id.encode()) <= 256 and id.isprintable()):
            raise ValueError("a key of passthru needs an id of 1 to 256 bytes that print")
        return cls(dialect, frozenset(roles), secret, 0, id, b"", cipher)

    @property
    def shown_id(self):
        return base64.b32encode(self.id).decode().rstrip("=").lower() if self.suite else self.id

    @property
    def nonce_size(self):
        return 12 if self.cipher == "aes256gcm" else 24

    def direction_key(self, direction):
        """HKDF-SHA-256 with one block of output."""
        pseudo_random = hmac.digest(b"wampbox-2", self.secret, "sha256")
        return hmac.digest(pseudo_random, bytes([self.suite]) + self.h + bytes([direction, 1]), "sha256")

    def seal(self, direction, record, nonce):
        """The payload that has the record in it. The nonce has to be new and random."""
        if self.dialect != "wampbox":
            if self.cipher == "aes256gcm":
                return nonce + nacl.crypto_aead_aes256gcm_encrypt(record, None, nonce, self.secret)
            return nonce + nacl.crypto_box_afternm(record, nonce, self.secret)
        begins = bytes([self.suite]) + self.id + nonce
        if self.suite == 1:
            return begins + nacl.crypto_box_afternm(record, nonce, self.secret)
        key = self.direction_key(direction)
        return begins + nacl.crypto_aead_xchacha20poly1305_ietf_encrypt(record, begins, nonce, key)

    def open(self, direction, payload):
        """The record in a payload. That the payload names this key is for the caller to have seen."""
        size = self.nonce_size
        try:
            if self.dialect == "wampbox":
                if self.suite == 1:
                    return nacl.crypto_box_open_afternm(payload[41:], payload[17:41], self.secret)
                return nacl.crypto_aead_xchacha20poly1305_ietf_decrypt(
                    payload[41:], payload[:41], payload[17:41], self.direction_key(direction))
            if len(payload) < size + 16:
                raise Fault("NotOpened", "no room for nonce and tag")
            if self.cipher == "aes256gcm":
                return nacl.crypto_aead_aes256gcm_decrypt(payload[size:], None, payload[:size], self.secret)
            return nacl.crypto_box_open_afternm(payload[size:], payload[:size], self.secret)
        except (CryptoError, ValueError, TypeError):
            raise Fault("NotOpened", "another key, or changed on the way") from None

    def token(self, payload):
        return payload[17:41] if self.dialect == "wampbox" else payload[:self.nonce_size]
