"""Scrambled URIs (FORMAT.md, 2.3)."""
import base64
import hashlib
import hmac
from dataclasses import dataclass, field

import cbor2

from .keys import check_weak, unbase64
from .ring import fixed_text


class Misuse(ValueError):
    """What can't be asked for, or scrambled."""


def read_secret(text):
    """The 32 bytes of a secret's text."""
    name, _, data = text.strip().partition(":")
    data = unbase64(data)
    if name != "scramble" or data is None or len(data) != 32:
        raise ValueError("a secret is scramble: and 32 bytes in standard base64 with padding")
    return check_weak(data)


def base32(data):
    return base64.b32encode(data).decode().rstrip("=").lower()


def secret_id(secret):
    return base32(hmac.digest(secret, b"wampbox-uri-id-1", hashlib.sha256)[:16])


def scramble(secret, realm, prefix, uri):
    """A URI, or the text of a pattern, as routers get it."""
    if not uri.startswith(prefix):
        return uri
    components = uri[len(prefix):].split(".")
    hidden = [component and scramble_component(secret, realm, prefix, i, component) for i, component in enumerate(components)]
    return prefix + ".".join(hidden)


def scramble_component(secret, realm, prefix, place, component):
    message = b"wampbox-uri-1\0" + cbor2.dumps([realm, prefix, place, component])
    return base32(hmac.digest(secret, message, hashlib.sha256)[:10])


def may_match(text, match, prefix):
    """Whether a pattern matches some URI below a prefix."""
    if match == "exact":
        return text.startswith(prefix)
    if match == "prefix":
        return text.startswith(prefix) or prefix.startswith(text)
    begins, components = prefix.split(".")[:-1], text.split(".")
    return len(components) > len(begins) and all(c in ("", b) for c, b in zip(components, begins))


@dataclass
class Secret:
    secret: bytes = field(repr=False)
    active_from: int | None = None  # times are in any unit, and None always or never
    not_after: int | None = None

    def expired(self, now):
        return self.not_after is not None and now > self.not_after

    def begun(self, now):
        return self.active_from is None or now >= self.active_from


@dataclass
class Scrambling:
    """What a ring says of a prefix."""
    prefix: str
    secrets: list  # that with the latest date first
    clear_until: int | None = None

    def __post_init__(self):
        self.secrets.sort(key=lambda s: (s.active_from is not None, s.active_from or 0), reverse=True)

    def clears(self, now):
        return self.clear_until is not None and now <= self.clear_until

    def current(self, now):
        return next((s for s in self.secrets if s.begun(now)), None)

    def send(self, now):
        """The secret under which URIs are sent, "clear" or None for not at all."""
        current = self.current(now)
        if current is None:
            return "clear" if self.clears(now) else None
        return None if current.expired(now) else current

    def receive(self, now):
        """All under which they are asked for: that under which they are sent is the first."""
        forms = [s for s in self.secrets if not s.expired(now)] + ["clear"] * self.clears(now)
        return sorted(forms, key=lambda form: form != self.send(now))

    def state(self, secret, now):
        if secret.expired(now):
            return "expired"
        if secret is self.current(now):
            return "active"
        return "retired" if secret.begun(now) else "pending"


def ask(scramblings, realm, text, match, now):
    """The texts under which a router is asked for a pattern."""
    for scrambling in scramblings:
        prefix = scrambling.prefix
        if not may_match(text, match, prefix):
            continue
        if not fixed_text(match, text).startswith(prefix):
            raise Misuse("it matches URIs below a scrambled prefix and others")
        if match == "prefix" and not text.endswith("."):
            raise Misuse("it ends inside a component")
        return [text if form == "clear" else scramble(form.secret, realm, prefix, text) for form in scrambling.receive(now)]
    return [text]
