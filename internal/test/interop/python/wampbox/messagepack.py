"""Records in MessagePack (4.1)."""

from __future__ import annotations

from typing import Any

from .reader import Reader
from .reasons import malformed


class MessagePackReader(Reader):
    def item(self, depth: int) -> Any:
        head = self.number(1)
        if head < 0x80:
            return head
        if head >= 0xE0:
            return head - 256
        if head < 0x90:
            return self.map(head & 15, depth)
        if head < 0xA0:
            return self.list(head & 15, depth)
        if head < 0xC0:
            return self.text(head & 31)
        if head in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[head]
        if 0xC4 <= head <= 0xC6:
            return self.take(self.number(1 << (head - 0xC4)))
        if head in (0xCA, 0xCB):
            return self.unpack("f", 4) if head == 0xCA else self.unpack("d", 8)
        if 0xCC <= head <= 0xCF:
            return self.number(1 << (head - 0xCC))
        if 0xD0 <= head <= 0xD3:
            return int.from_bytes(self.take(1 << (head - 0xD0)), "big", signed=True)
        if head == 0xD4 and self.take(2)[0] == 0:
            return None  # what msgpackr writes for undefined
        if 0xD9 <= head <= 0xDB:
            return self.text(self.number(1 << (head - 0xD9)))
        if head in (0xDC, 0xDD):
            return self.list(self.number(2 if head == 0xDC else 4), depth)
        if head in (0xDE, 0xDF):
            return self.map(self.number(2 if head == 0xDE else 4), depth)
        raise malformed("an extension or c1")

    def list(self, size: int, depth: int) -> list[Any]:
        self.enter(depth, size)
        return [self.value(depth + 1) for _ in range(size)]

    def map(self, size: int, depth: int) -> dict[str, Any]:
        self.enter(depth, 2 * size)
        entries: dict[str, Any] = {}
        for _ in range(size):
            self.entry(entries, depth + 1)
        return entries
