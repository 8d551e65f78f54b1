"""Keys, key ids and the box (2 and 3)."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from dataclasses import dataclass
from typing import Optional

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl import bindings
from nacl.exceptions import CryptoError

from .reasons import Refused


def parse_key(text: str) -> bytes:
    """32 bytes from base64 or hex; ValueError for text that is no key."""
    text = text.strip()
    if len(text) == 64:
        if not re.fullmatch("[0-9a-fA-F]{64}", text):
            raise ValueError("no hex")
        return bytes.fromhex(text)
    raw = base64_strict(text)
    if len(raw) != 32:
        raise ValueError("not 32 bytes")
    return raw


def base64_strict(text: str) -> bytes:
    """Standard base64 with padding and zero bits behind the end."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("base64 with line breaks or bits behind its end")
    return raw


def is_weak(raw: bytes, public: bool = False) -> bool:
    """True for zero keys, and for public keys of low order."""
    if not any(raw):
        return True
    if not public:
        return False
    try:
        return not any(bindings.crypto_scalarmult(b"\x01" * 32, raw))
    except (RuntimeError, CryptoError):
        return True  # libsodium refuses an all-zero result


def key_id(originator: bytes, responder: bytes) -> str:
    digest = hashlib.sha256(b"wampbox-kid-1" + originator + responder).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


@dataclass(frozen=True)
class Key:
    """One version of a key, as one party holds it.

    role is "originator", "responder" or "both".
    """

    algorithm: str
    shared: bytes
    id: Optional[str] = None
    role: str = "both"
    unbound: bool = False

    @staticmethod
    def box(role: str, private: bytes, public: bytes, unbound: bool = False) -> Key:
        if is_weak(private) or is_weak(public, public=True):
            raise ValueError("weak key")
        own = bindings.crypto_scalarmult_base(private)
        pair = (public, own) if role == "responder" else (own, public)
        shared = bindings.crypto_box_beforenm(public, private)
        return Key("cryptobox", shared, key_id(*pair), role, unbound)

    def plays(self, role: str) -> bool:
        return self.role in ("both", role)

    def name(self, framing: str) -> str:
        """The algorithm's name in a framing (6.3)."""
        if framing == "ppt" and self.algorithm == "cryptobox":
            return "xsalsa20poly1305"
        return self.algorithm

    @property
    def nonce_size(self) -> int:
        return 12 if self.algorithm == "aes256gcm" else 24

    def seal(self, plaintext: bytes) -> bytes:
        nonce = os.urandom(self.nonce_size)
        if self.algorithm == "aes256gcm":
            return nonce + AESGCM(self.shared).encrypt(nonce, plaintext, None)
        return nonce + bindings.crypto_secretbox(plaintext, nonce, self.shared)

    def open(self, payload: bytes) -> bytes:
        nonce, box = payload[: self.nonce_size], payload[self.nonce_size :]
        if len(box) < 16:
            raise Refused("NotOpened", "too short")
        try:
            if self.algorithm == "aes256gcm":
                return AESGCM(self.shared).decrypt(nonce, box, None)
            return bindings.crypto_secretbox_open(box, nonce, self.shared)
        except (CryptoError, InvalidTag):
            raise Refused("NotOpened", "does not authenticate") from None
