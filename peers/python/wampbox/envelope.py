"""Payloads in messages: laying them out, and telling sealed messages, plain ones and parts apart (FORMAT.md, 6 and 12)."""
import base64
import binascii
import re
from dataclasses import dataclass

from .keys import MAX_PAYLOAD, OVERHEAD
from .values import Fault

OTHER_ALGORITHM = re.compile(r"mqtt|xbr|x_[a-z][a-z0-9_]+")
CONTROL = re.compile(r"[\0-\x1f\x7f-\x9f]")
CIPHERS = ("xsalsa20poly1305", "aes256gcm")
KNOWN = {"enc_": {"enc_algo", "enc_serializer", "enc_key"},
         "ppt_": {"ppt_scheme", "ppt_serializer", "ppt_cipher", "ppt_keyid"}}


@dataclass
class Envelope:
    dialect: str
    payload: bytes
    suite: int = 0
    id: bytes | str | None = None
    algorithm: str = ""


def lay_out(key, payload):
    """What goes into the options, and what stands in place of the payload."""
    if key.dialect == "wampbox":
        return {}, [[], {"enc": payload}]
    if key.dialect == "autobahn":
        return {"enc_algo": "cryptobox", "enc_serializer": "json"}, [payload]
    return {"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": key.cipher, "ppt_keyid": key.id}, [[payload]]


def b64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def binary(value, in_place=False):
    """Bytes, in any form that a router makes of them; in place of the arguments there are fewer forms. None is no bytes."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if getattr(value, "tag", None) == 64 and isinstance(value.value, bytes):
        return value.value
    if isinstance(value, str) and value.startswith("\0"):
        return b64(value[1:])
    if in_place:
        return None
    if isinstance(value, str):
        return b64(value)
    if isinstance(value, list) and all(type(v) is int and 0 <= v <= 255 for v in value):
        return bytes(value)
    return None


def shown(details, rest):
    """What a message shows of dialects: a set of enc (our keyword argument), enc_, ppt_, and shape."""
    shows = {begin for begin in KNOWN for name in details if isinstance(name, str) and name.startswith(begin)}
    args, kwargs = (rest + [None, None])[:2]
    if not isinstance(args, (list, type(None))) or not isinstance(kwargs, (dict, type(None))) or len(rest) > 2:
        shows.add("shape")
    elif kwargs and "enc" in kwargs:
        shows.add("enc")
    return shows


def parts(why):
    return Fault("Malformed", "parts of an envelope: " + why)


def limited(payload):
    if len(payload or b"") > MAX_PAYLOAD:
        raise Fault("TooLarge", "a payload that is too long")
    if not payload:
        raise parts("no bytes where they have to be")
    return payload


def classify(details, rest, like=None):
    """The envelope of a sealed message, or None for a plain one. Like is the first chunk's envelope, in passthru."""
    shows = shown(details, rest)
    args, kwargs = (rest + [None, None])[:2]
    if not shows:
        one = args and len(args) == 1 and not kwargs and like and like.dialect == "passthru" and binary(args[0])
        return Envelope("passthru", limited(binary(args[0])), 0, like.id, like.algorithm) if one else None
    if shows == {"enc"}:
        payload = binary(kwargs["enc"])
        if args or len(kwargs) > 1:
            raise parts("arguments beside enc")
        limited(payload)
        if len(payload) < OVERHEAD or not 1 <= payload[0] <= 5:
            raise parts("enc is no payload")
        return Envelope("wampbox", payload, payload[0], payload[1:17])
    if shows == {"enc_", "shape"}:
        return autobahn(details, rest)
    if shows == {"ppt_"}:
        return passthru(details, args, kwargs)
    raise parts("of several dialects, or none whole")


def known(details, begin):
    for name in details:
        if isinstance(name, str) and name.startswith(begin) and name not in KNOWN[begin]:
            raise parts("an unknown attribute")


def autobahn(details, rest):
    known(details, "enc_")
    payload = binary(rest[0], in_place=True)
    algorithm = details.get("enc_algo")
    other = isinstance(algorithm, str) and OTHER_ALGORITHM.fullmatch(algorithm)
    if payload is None or len(rest) > 1 or details.get("enc_serializer") != "json" or not (algorithm == "cryptobox" or other):
        raise parts("of autobahn")
    return Envelope("autobahn", limited(payload), algorithm=algorithm)


def passthru(details, args, kwargs):
    known(details, "ppt_")
    cipher, id = details.get("ppt_cipher"), details.get("ppt_keyid")
    named = "ppt_keyid" in details
    if named and not (isinstance(id, str) and 1 <= len(id.encode(errors="surrogatepass")) <= 256 and not CONTROL.search(id)):
        raise parts("key id of passthru")
    if details.get("ppt_scheme") != "wamp" or details.get("ppt_serializer") != "cbor" or cipher not in CIPHERS:
        raise parts("attributes of passthru")
    if not args or len(args) != 1 or kwargs:
        raise parts("arguments of passthru")
    return Envelope("passthru", limited(binary(args[0])), id=id, algorithm=cipher)
