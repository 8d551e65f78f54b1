"""What the readers of CBOR and MessagePack have in common (4.1)."""

from __future__ import annotations

import struct
from typing import Any

from .reasons import MAX_BITS, MAX_DEPTH, MAX_VALUES, SPARE_VALUES, Refused, malformed


class Reader:
    """What the readers of CBOR and MessagePack have in common."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.room = MAX_VALUES + SPARE_VALUES

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise malformed("cut short")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def text(self, size: int) -> str:
        return utf8(self.take(size))

    def unpack(self, code: str, size: int) -> float:
        return struct.unpack(">" + code, self.take(size))[0]

    def enter(self, depth: int, size: int) -> None:
        """Before a list or map; size is the least number of bytes in it."""
        if size > len(self.data) - self.at:
            raise malformed("a length beyond the data")
        if depth > MAX_DEPTH + 1:
            raise Refused("TooLarge", "too deep")

    def item(self, depth: int) -> Any:
        raise NotImplementedError

    def value(self, depth: int) -> Any:
        """An item that counts as a value."""
        self.room -= 1
        if self.room < 0:
            raise Refused("TooLarge", "too many values")
        return self.item(depth)

    def entry(self, into: dict[str, Any], depth: int) -> None:
        key = self.item(depth)
        if not isinstance(key, str):
            raise malformed("a map key that is no text")
        if key in into:
            raise malformed("a key twice")
        into[key] = self.value(depth)

    def read(self) -> Any:
        root = self.item(0)
        if self.at != len(self.data):
            raise malformed("bytes behind the root")
        return root


def utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed("invalid UTF-8") from None


def checked_int(number: int) -> int:
    if number.bit_length() > MAX_BITS:
        raise malformed("an integer of too many bits")
    return number
