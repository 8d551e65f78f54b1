"""Payloads in messages: where they stand; sealed messages, plain ones and parts (FORMAT.md, 6 and 12)."""
import re
from typing import NamedTuple

from .cbor import require
from .keys import OVERHEAD, unbase64

MAX_PAYLOAD = 16779264
# By how they begin, the attributes of the foreign dialects, and what their text has to be
ATTRIBUTES = {"enc_": {"enc_algo": "cryptobox|mqtt|xbr|x_[a-z][a-z0-9_]+", "enc_serializer": "json"},
              "ppt_": {"ppt_scheme": "wamp", "ppt_serializer": "cbor",
                       "ppt_cipher": "xsalsa20poly1305|aes256gcm",
                       "ppt_keyid": r"[^\0-\x1f\x7f-\x9f]{1,256}"}}


class Envelope(NamedTuple):
    dialect: str
    payload: bytes
    id: bytes | str | None = None  # what the payload begins with in ours, the key id in passthru
    algorithm: str = ""

    def names(self, key):
        return self.dialect == key.dialect and self.id in (None, key.begins or key.id)


def lay_out(key, payload):
    """What goes into the options, and what stands in place of the payload."""
    if key.dialect == "wampbox":
        return {}, [[], {"enc": payload}]
    if key.dialect == "autobahn":
        return {"enc_algo": "cryptobox", "enc_serializer": "json"}, [payload]
    return dict(zip(ATTRIBUTES["ppt_"], ("wamp", "cbor", key.algorithm, key.id))), [[payload]]


def binary(value, in_place=False):
    """Bytes, in any form that routers make of them, or None. In place of the arguments fewer are taken."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if getattr(value, "tag", None) == 64 and isinstance(value.value, bytes):
        return value.value
    if isinstance(value, str) and (value.startswith("\0") or not in_place):
        return unbase64(value.removeprefix("\0"))
    if isinstance(value, list) and not in_place and all(type(v) is int and 0 <= v <= 255 for v in value):
        return bytes(value)
    return None


def shown(details, rest):
    """What a message shows of dialects: a set of enc (our keyword argument), enc_, ppt_, and shape."""
    shows, (args, kwargs) = {str(name)[:4] for name in details} & {"enc_", "ppt_"}, (*rest, None, None)[:2]
    if not isinstance(args, list | None) or not isinstance(kwargs, dict | None) or len(rest) > 2:
        return shows | {"shape"}
    return shows | {"enc"} if kwargs and "enc" in kwargs else shows


def begins_of(payload):
    """Suite and key id of a payload of ours, or None of what is none."""
    right = payload and OVERHEAD <= len(payload) <= MAX_PAYLOAD and 1 <= payload[0] <= 5
    return payload[:17] if right else None


def has_attributes(details, begin):
    """Whether details have the attributes of a dialect as they have to be, and no others."""
    known = ATTRIBUTES[begin]
    given = {name: value for name, value in details.items() if str(name).startswith(begin)}
    given.pop("enc_key", None)
    return known.keys() - given.keys() <= {"ppt_keyid"} and all(
        name in known and isinstance(value, str) and re.fullmatch(known[name], value)
        and len(value.encode(errors="surrogatepass")) <= 256 for name, value in given.items())


def classify(details, rest, first=None):
    """The envelope of a sealed message, None for a plain one. First is that of a call's first chunk."""
    shows, (args, kwargs) = shown(details, rest), (*rest, None, None)[:2]
    alone = binary(args[0]) if isinstance(args, list) and len(args) == 1 and not kwargs else None
    if not shows:
        if not alone or not first or first.dialect != "passthru":
            return None
        envelope, whole = first._replace(payload=alone), True
    elif shows == {"enc"}:
        payload = binary(kwargs["enc"])
        envelope = Envelope("wampbox", payload, begins_of(payload))
        whole = not args and len(kwargs) == 1 and envelope.id
    elif shows == {"enc_", "shape"}:
        whole = has_attributes(details, "enc_") and len(rest) == 1
        envelope = Envelope("autobahn", binary(args, in_place=True), None, details.get("enc_algo"))
    else:
        whole = shows == {"ppt_"} and has_attributes(details, "ppt_")
        envelope = Envelope("passthru", alone, details.get("ppt_keyid"), details.get("ppt_cipher"))
    require(len(envelope.payload or b"") <= MAX_PAYLOAD, "TooLarge", "a payload that is too long")
    require(whole and envelope.payload, "Malformed", "parts of an envelope")
    return envelope
