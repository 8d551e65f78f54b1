"""Envelopes and how messages carry them (5 and 6)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Optional

import cbor2

from .keys import base64_strict
from .reasons import MAX_PAYLOAD, Refused, malformed

# A message is two parts here: its options or details, and the list of what
# stands from the payload's place on.
Payload = tuple[dict[str, Any], list[Any]]


@dataclass(frozen=True)
class Envelope:
    algorithm: str
    serializer: str
    key_id: Optional[str]
    payload: bytes


def lay_out(framing: str, envelope: Envelope) -> Payload:
    def named(algorithm: str, serializer: str, key: str) -> dict[str, Any]:
        names = {algorithm: envelope.algorithm, serializer: envelope.serializer}
        return {**names, key: envelope.key_id} if envelope.key_id else names

    if framing == "enc":
        inner = named("algo", "serializer", "key")
        return {}, [[], {"enc": {**inner, "payload": envelope.payload}}]
    if framing == "native":
        return named("enc_algo", "enc_serializer", "enc_key"), [envelope.payload]
    options = named("ppt_cipher", "ppt_serializer", "ppt_keyid")
    return {"ppt_scheme": "wamp", **options}, [[envelope.payload]]


def take_bytes(value: Any, in_place: bool = False) -> Optional[bytes]:
    """Bytes in any of the forms of 6.4; None if it is none of them.

    in_place is for what stands in place of Arguments.
    """
    if isinstance(value, bytes):
        return value
    if isinstance(value, cbor2.CBORTag):
        return (
            value.value if value.tag == 64 and isinstance(value.value, bytes) else None
        )
    try:
        if isinstance(value, str) and value.startswith("\0"):
            return base64_strict(value[1:])
        if isinstance(value, str) and not in_place:
            return base64_strict(value)
    except ValueError:
        return None
    if isinstance(value, list) and not in_place:
        if all(type(element) is int and 0 <= element <= 255 for element in value):
            return bytes(value)
    return None


def pick_up(
    framing: str,
    details: dict[str, Any],
    parts: list[Any],
    first: Optional[Envelope] = None,
) -> Optional[Envelope]:
    """The envelope of a message; None if it is plain; parts are refused.

    first is the envelope that an invocation began with.
    """
    prefix = {"enc": None, "native": "enc_", "ppt": "ppt_"}[framing]
    own = {}
    for name, value in details.items():
        if prefix and name.startswith(prefix):
            own[name[len(prefix) :]] = value
        elif name.startswith(("enc_", "ppt_")):
            raise malformed(f"{name} in details")
    args = parts[0] if parts else None
    kwargs = parts[1] if len(parts) > 1 else None
    if framing == "native" and take_bytes(args, in_place=True) is not None:
        if len(parts) > 1:
            raise malformed("something behind the payload")
        return envelope_of(
            own, "algo", "serializer", "key", take_bytes(args, True), framing
        )
    if not isinstance(args, (list, type(None))) or not isinstance(
        kwargs, (dict, type(None))
    ):
        raise malformed("Arguments or ArgumentsKw")
    if len(parts) > 2:
        raise malformed("something behind ArgumentsKw")
    if kwargs and "enc" in kwargs:
        inner = kwargs["enc"]
        if framing != "enc" or args or len(kwargs) > 1 or not isinstance(inner, dict):
            raise malformed("enc")
        inner = dict(inner)
        payload = take_bytes(inner.pop("payload", None))
        return envelope_of(inner, "algo", "serializer", "key", payload, framing)
    if framing == "ppt" and args is not None and len(args) == 1 and not kwargs:
        payload = take_bytes(args[0])
        if own:
            if own.pop("scheme", None) != "wamp":
                raise malformed("ppt_scheme")
            return envelope_of(own, "cipher", "serializer", "keyid", payload, framing)
        if first is not None and payload:
            own = {"cipher": first.algorithm, "serializer": first.serializer}
            if first.key_id is not None:
                own["keyid"] = first.key_id
            return envelope_of(own, "cipher", "serializer", "keyid", payload, framing)
    if own:
        raise malformed("attributes without a payload")
    return None


def envelope_of(
    own: dict[str, Any],
    algorithm: str,
    serializer: str,
    key: str,
    payload: Optional[bytes],
    framing: str,
) -> Envelope:
    """Checks the fields of an envelope, which are all there is in own."""
    if not {algorithm, serializer} <= own.keys() <= {algorithm, serializer, key}:
        raise malformed("fields of the envelope")
    for name, limit in ((algorithm, 64), (serializer, 64), (key, 256)):
        if name in own and not bounded(own[name], limit):
            raise malformed(name)
    if own[serializer] not in (
        ("cbor",) if framing == "ppt" else ("json", "msgpack", "cbor")
    ):
        raise malformed("serializer")
    if framing == "native" and not NATIVE_ALGORITHM.fullmatch(own[algorithm]):
        raise malformed("enc_algo")
    if framing == "ppt" and own[algorithm] not in ("xsalsa20poly1305", "aes256gcm"):
        raise malformed("ppt_cipher")
    if not payload:
        raise malformed("payload")
    if len(payload) > MAX_PAYLOAD:
        raise Refused("TooLarge", "payload")
    return Envelope(own[algorithm], own[serializer], own.get(key), payload)


NATIVE_ALGORITHM = re.compile("cryptobox|mqtt|xbr|x_[a-z][a-z0-9_]+")


def bounded(text: Any, limit: int) -> bool:
    if (
        not isinstance(text, str)
        or not 1 <= len(text.encode("utf-8", "replace")) <= limit
    ):
        return False
    return not any(unicodedata.category(char) in ("Cc", "Cs") for char in text)
