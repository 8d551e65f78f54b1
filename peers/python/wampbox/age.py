"""Files of age (C2SP, age-encryption.org/v1), to X25519 and hybrid recipients: as far as grants need them."""
import base64
import hmac
import re
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl import bindings as nacl

from .cbor import Fault, require
from .signed import PQ_PUBLIC, SIZES, Exporter, X25519 as Curve, XWing

INTRO, CHUNK = b"age-encryption.org/v1\n", 1 << 16
CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def hkdf(key, salt, info, size=32):
    return HKDF(SHA256(), size, salt, info).derive(key)


# Texts of recipients and identities: Bech32 (BIP 173) without its limit of length

def polymod(values):
    checksum = 1
    for value in values:
        top, checksum = checksum >> 25, (checksum & 0x1FFFFFF) << 5 ^ value
        for i, term in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            checksum ^= term * (top >> i & 1)
    return checksum


def bech32(prefix, data):
    bits = len(data) * 8
    number = int.from_bytes(data) << -bits % 5
    values = [number >> shift & 31 for shift in range(bits + -bits % 5 - 5, -1, -5)]
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    checksum = polymod(expanded + values + [0] * 6) ^ 1
    return prefix + "1" + "".join(CHARSET[v] for v in values + [checksum >> 5 * (5 - i) & 31 for i in range(6)])


def unbech32(text, prefix):
    """The bytes that a text of lower case holds."""
    body = text.removeprefix(prefix + "1")
    values = [CHARSET.find(c) for c in body[:-6]]
    number, bits = 0, len(values) * 5
    for value in values:
        number = number << 5 | value
    data = (number >> bits % 8).to_bytes(bits // 8) if number >= 0 else b""
    if bech32(prefix, data) != text:
        raise ValueError("no text of age")
    return data


class X25519Key:
    """A recipient of X25519, or the identity of one."""
    stanza, recipient_prefix, identity_prefix = "X25519", "age", "age-secret-key-"
    label, sent_size = b"age-encryption.org/v1/X25519", 32

    def __init__(self, public=None, private=None):
        self.private, self.public = private, public or self.derived(private)

    derived = staticmethod(Curve.public)

    def recipient(self):
        return bech32(self.recipient_prefix, self.public)

    def identity(self):
        return bech32(self.identity_prefix, self.private).upper()

    @classmethod
    def parse_recipient(cls, text):
        return cls(cls.checked(unbech32(text, cls.recipient_prefix)))

    @staticmethod
    def checked(data):
        if len(data) != 32:
            raise ValueError("no recipient of X25519")
        return data

    @classmethod
    def parse_identity(cls, text):
        return cls(private=unbech32(text.lower(), cls.identity_prefix))

    def wrap(self, file_key, ephemeral):
        """What is sent, and the file key wrapped for the recipient. The ephemeral key makes both."""
        sent = Curve.public(ephemeral)
        return sent, self._aead(nacl.crypto_scalarmult(ephemeral, self.public), sent).encrypt(bytes(12), file_key, None)

    def unwrap(self, sent, body):
        return self._aead(nacl.crypto_scalarmult(self.private, sent), sent).decrypt(bytes(12), body, None)

    def _aead(self, shared, sent):
        return ChaCha20Poly1305(hkdf(shared, sent + self.public, self.label))


class HybridKey(X25519Key):
    """A hybrid recipient: HPKE with MLKEM768-X25519, HKDF-SHA256 and ChaCha20-Poly1305."""
    stanza, recipient_prefix, identity_prefix = "mlkem768x25519", "age1pq", "age-secret-key-pq-"
    label, sent_size, aead_id = b"age-encryption.org/mlkem768x25519", XWing.sent, 3
    derived = staticmethod(XWing.public)

    @staticmethod
    def checked(data):
        if len(data) != SIZES[5]:
            raise ValueError("no hybrid recipient")
        MLKEM768PublicKey.from_public_bytes(data[:PQ_PUBLIC])
        return data

    def wrap(self, file_key, sent):
        """Sent is an encapsulated key that was made before: with the private key its secret is always the same."""
        aead, nonce = self._context(sent)
        return sent, aead.encrypt(nonce, file_key, None)

    def unwrap(self, sent, body):
        aead, nonce = self._context(sent)
        return aead.decrypt(nonce, body, None)

    def _context(self, sent):
        context = Exporter(XWing.kem, XWing.decapsulate(self.private, sent), self.label, self.aead_id)
        return ChaCha20Poly1305(context.derive(b"key")), context.derive(b"base_nonce", 12)


def parse_recipient(text):
    return (HybridKey if text.startswith("age1pq1") else X25519Key).parse_recipient(text)


def unpadded(data):
    return base64.b64encode(data).rstrip(b"=")


def encrypt(to, plaintext, file_key, nonce):
    """A file to recipients, each with what wrap needs. What should be random is given: it is the same each time."""
    header = INTRO
    for key, ephemeral in to:
        sent, body = key.wrap(file_key, ephemeral)
        header += b"-> %s %s\n%s\n" % (key.stanza.encode(), unpadded(sent), unpadded(body))
    header += b"---"
    mac = hmac.digest(hkdf(file_key, None, b"header"), header, "sha256")
    return header + b" " + unpadded(mac) + b"\n" + nonce + stream(file_key, nonce, plaintext, CHUNK, "encrypt")


def stream(file_key, nonce, data, size, verb):
    """The payload encrypted or decrypted: chunks of that size, numbered, the last one marked."""
    run = getattr(ChaCha20Poly1305(hkdf(file_key, nonce, b"payload")), verb)
    return b"".join(run(struct.pack(">xxxQB", at // size, at + size >= len(data)), data[at:at + size], None)
                    for at in range(0, len(data) or 1, size))


HEADER = re.compile(INTRO + rb"((?:-> .+\n.+\n)+)---( (\S{43})\n)")


def decrypt(key, data):
    """What is in a file."""
    try:
        header = HEADER.match(data)
        require(header, "Decrypt", "no file of age")
        file_key = unwrapped(key, header[1])
        right = hmac.digest(hkdf(file_key, None, b"header"), data[:header.start(2)], "sha256")
        require(hmac.compare_digest(unpadded(right), header[3]), "Decrypt", "a header that was changed")
        begins = header.end() + 16
        return stream(file_key, data[header.end():begins], data[begins:], CHUNK + 16, "decrypt")
    except (InvalidTag, ValueError):
        raise Fault("Decrypt", "cut short, or changed") from None


def unwrapped(key, stanzas):
    for stanza, *parts in re.findall(rb"-> (\S+) (\S+)\n(\S+)\n", stanzas):
        sent, body = (base64.b64decode(part + b"=" * (-len(part) % 4), validate=True) for part in parts)
        if stanza.decode() == key.stanza and len(sent) == key.sent_size and len(body) == 32:
            try:
                return key.unwrap(sent, body)
            except InvalidTag:
                pass
    raise Fault("Decrypt", "to other recipients")
