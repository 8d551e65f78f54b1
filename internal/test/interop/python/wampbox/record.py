"""Records: reading, writing and padding (4)."""

from __future__ import annotations

import json
from typing import Any

import cbor2
import msgpack

from .binding import check_bind
from .cbor import CBORReader
from .jsontext import read_json, to_json_bytes
from .messagepack import MessagePackReader
from .reader import checked_int
from .reasons import MAX_DEPTH, MAX_RECORD, MAX_VALUES, Refused, malformed


def read_record(serializer: str, data: bytes) -> dict[str, Any]:
    """The root map, with the four entries checked for their types."""
    if len(data) > MAX_RECORD:
        raise Refused("TooLarge", "record")
    if serializer == "json":
        root = read_json(data)
    else:
        root = (CBORReader if serializer == "cbor" else MessagePackReader)(data).read()
    if not isinstance(root, dict):
        raise malformed("the root is no map")
    uri = root.get("uri")
    if not (uri is None or isinstance(uri, str) and uri):
        raise malformed("uri")
    for name, kind in (("args", list), ("kwargs", dict)):
        if not isinstance(root.get(name), (kind, type(None))):
            raise malformed(name)
    if "bind" in root:
        check_bind(root["bind"])
    return {name: root.get(name) for name in ("uri", "args", "kwargs", "bind")}


def write_record(serializer: str, record: dict[str, Any]) -> bytes:
    room = MAX_VALUES

    def check(value: Any, depth: int) -> Any:
        """Whether a value can be sealed; gives it in the serializer's form."""
        nonlocal room
        room -= 1
        if room < 0 or depth > MAX_DEPTH + 1 and isinstance(value, (list, dict)):
            raise Refused("TooLarge", "args, kwargs")
        if isinstance(value, list):
            return [check(element, depth + 1) for element in value]
        if isinstance(value, dict):
            if not all(isinstance(name, str) for name in value):
                raise malformed("a map key that is no text")
            if serializer == "json" and any(name.startswith("\0") for name in value):
                raise malformed("a name that begins with U+0000")
            return {name: check(element, depth + 1) for name, element in value.items()}
        if isinstance(value, bytes):
            return to_json_bytes(value) if serializer == "json" else value
        if isinstance(value, str) and serializer == "json" and value.startswith("\0"):
            raise malformed("text that begins with U+0000")
        if isinstance(value, int) and not isinstance(value, bool):
            return checked_int(value)
        if value is None or isinstance(value, (str, bool, float)):
            return value
        raise malformed(f"a {type(value).__name__}")

    # Args and kwargs are no values themselves, nor is what stands in bind.
    room += 4 + len(record.get("bind") or ())
    form = {name: check(value, 1) for name, value in record.items()}
    try:
        if serializer == "json":
            data = json.dumps(form, ensure_ascii=False, allow_nan=False).encode()
        elif serializer == "cbor":
            data = cbor2.dumps(form)
        else:
            data = msgpack.packb(form, use_bin_type=True)
    except (ValueError, OverflowError) as err:
        raise malformed(str(err)) from None
    if len(data) > MAX_RECORD:
        raise Refused("TooLarge", "record")
    return data


def padme(size: int) -> int:
    if size < 2:
        return size
    exponent = size.bit_length() - 1
    step = 1 << max(exponent - exponent.bit_length(), 0)
    return (size + step - 1) // step * step


PAD_LEAST = {"cbor": 9, "msgpack": 9, "json": 15}


def pad(serializer: str, data: bytes, size: int) -> bytes:
    """A finished record, padded to a size, which is at least PAD_LEAST more."""
    n = size - len(data) - PAD_LEAST[serializer]
    if serializer == "json":
        filler = '"\\u0000' + "A" * (n // 4 * 4) + '"' + " " * (n % 4)
        return data[:-1] + b',"pad":' + filler.encode() + b"}"
    head = b"\x63pad\x5a" if serializer == "cbor" else b"\xa3pad\xc6"
    return bytes([data[0] + 1]) + data[1:] + head + n.to_bytes(4, "big") + bytes(n)
