"""Records in CBOR (4.1)."""

from __future__ import annotations

from typing import Any

from .reader import Reader, checked_int
from .reasons import malformed


class CBORReader(Reader):
    def item(self, depth: int) -> Any:
        head = self.number(1)
        major, info = head >> 5, head & 31
        if major == 7:
            return self.simple(info)
        if info == 31 and major in (2, 3, 4, 5):
            return self.indefinite(major, depth)
        if info > 27:
            raise malformed("a reserved head")
        size = info if info < 24 else self.number(1 << (info - 24))
        if major == 0:
            return size
        if major == 1:
            return -1 - size
        if major == 2:
            return self.take(size)
        if major == 3:
            return self.text(size)
        if major == 6:
            return self.tagged(size)
        self.enter(depth, size if major == 4 else 2 * size)
        if major == 4:
            return [self.value(depth + 1) for _ in range(size)]
        entries: dict[str, Any] = {}
        for _ in range(size):
            self.entry(entries, depth + 1)
        return entries

    def more(self) -> bool:
        """False at a break, which is taken."""
        if self.at < len(self.data) and self.data[self.at] == 0xFF:
            self.at += 1
            return False
        return True

    def indefinite(self, major: int, depth: int) -> Any:
        if major in (2, 3):
            pieces = []
            while self.more():
                if self.data[self.at : self.at + 1] not in CBOR_STRING_HEADS[major]:
                    raise malformed("a piece of another type in a string")
                pieces.append(self.item(depth))
            return ("" if major == 3 else b"").join(pieces)
        self.enter(depth, 0)
        if major == 4:
            values = []
            while self.more():
                values.append(self.value(depth + 1))
            return values
        entries: dict[str, Any] = {}
        while self.more():
            self.entry(entries, depth + 1)
        return entries

    def tagged(self, tag: int) -> Any:
        if (
            tag not in (2, 3, 64)
            or self.at >= len(self.data)
            or self.data[self.at] >> 5 != 2
        ):
            raise malformed("a tag")
        raw = self.item(0)
        if tag == 64:
            return raw
        number = int.from_bytes(raw, "big")
        return checked_int(number if tag == 2 else -1 - number)

    def simple(self, info: int) -> Any:
        if info in (20, 21):
            return info == 21
        if info in (22, 23):
            return None
        if info in (25, 26, 27):
            return self.unpack(*{25: ("e", 2), 26: ("f", 4), 27: ("d", 8)}[info])
        raise malformed("a simple value or break")


# The heads of definite byte and text strings.
CBOR_STRING_HEADS = {m: [bytes([m << 5 | info]) for info in range(28)] for m in (2, 3)}
