"""A second implementation of the format of wamp-cryptobox-go, written from docs/FORMAT.md alone."""
from .keys import Key, key_bytes
from .ring import Ring, Version
from .session import Exchange, Outcome, Session
from .signed import SignedKey
from .cbor import Fault

__all__ = ["Exchange", "Fault", "Key", "Outcome", "Ring", "Session", "SignedKey", "Version", "key_bytes"]
