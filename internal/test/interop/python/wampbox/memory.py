"""The replay memory (10)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Optional

from .keys import Key
from .reasons import Refused

WINDOW = 8192
TOKENS = 32768


@dataclass
class Window:
    top: int = 0
    seen: set[int] = field(default_factory=set)

    def note(self, n: int) -> None:
        self.top = max(self.top, n)
        self.seen.add(n)
        if len(self.seen) > 2 * WINDOW:
            self.seen = {old for old in self.seen if old > self.top - WINDOW}

    def knows(self, n: int) -> bool:
        return n <= self.top - WINDOW or n in self.seen


class Memory:
    def __init__(self, birth: int, max_age: int, skew: int) -> None:
        self.birth, self.max_age, self.skew = birth, max_age, skew
        self.windows: dict[tuple[str, Optional[str], bytes], Window] = {}
        self.tokens: dict[str, OrderedDict[bytes, int]] = {}
        self.floors: dict[str, int] = {}

    def admit(
        self,
        scope: str,
        key: Key,
        bind: dict[str, Any],
        token: bytes,
        now: int,
        late: bool = False,
        retained: bool = False,
    ) -> None:
        """Notes a bound message, or refuses it; retained as in 10.3."""
        ts, n = bind["ts"], bind["n"]
        window = self.windows.setdefault((scope, key.id, bind["from"]), Window())
        if not late:
            if ts + self.skew < self.birth:
                raise Refused("Stale", "before the memory began")
            if window.knows(n):
                raise Refused("Replayed", "counter")
        elif scope in self.floors and ts <= self.floors[scope]:
            raise Refused("Stale", "floor")
        if late or retained and bind.get("keep", False):
            self.admit_token("retained " + scope, token, ts)
        if not late or ts >= now - self.max_age - self.skew:
            window.note(n)

    def admit_token(self, scope: str, token: bytes, ts: int = 0) -> None:
        tokens = self.tokens.setdefault(scope, OrderedDict())
        if token in tokens:
            raise Refused("Replayed", "token")
        tokens[token] = ts
        if len(tokens) > TOKENS:
            _, gone = tokens.popitem(last=False)
            name = scope.removeprefix("retained ")
            if name != scope:
                self.floors[name] = max(gone, self.floors.get(name, gone))
