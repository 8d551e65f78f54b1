"""Records in JSON (4.1)."""

from __future__ import annotations

import base64
import json
from typing import Any

from .keys import base64_strict
from .reader import checked_int, utf8
from .reasons import MAX_DEPTH, MAX_VALUES, SPARE_VALUES, Refused, malformed


def read_json(data: bytes) -> Any:
    def entries(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise malformed("a key twice")
        return dict(pairs)

    def integer(digits: str) -> int:
        if len(digits) > 310:
            raise malformed("an integer of too many digits")
        return checked_int(int(digits))

    def number(digits: str) -> float:
        result = float(digits)
        if result in (float("inf"), float("-inf")):
            raise malformed("a number beyond a float")
        return result

    def constant(name: str) -> Any:
        raise malformed(name)

    try:
        root = json.loads(
            utf8(data),
            object_pairs_hook=entries,
            parse_int=integer,
            parse_float=number,
            parse_constant=constant,
        )
    except RecursionError:
        raise Refused("TooLarge", "too deep") from None
    except ValueError as err:
        raise malformed(str(err)) from None
    room = MAX_VALUES + SPARE_VALUES

    def convert(value: Any, depth: int) -> Any:
        """Checks text and limits, and makes bytes of their form in JSON."""
        nonlocal room
        room -= 1
        if room < -1:
            raise Refused("TooLarge", "too many values")
        if isinstance(value, str):
            check_text(value)
            return from_json_bytes(value) if value.startswith("\0") else value
        if not isinstance(value, (list, dict)):
            return value
        if depth > MAX_DEPTH + 1:
            raise Refused("TooLarge", "too deep")
        if isinstance(value, list):
            return [convert(element, depth + 1) for element in value]
        for name in value:
            check_text(name)
            if name.startswith("\0"):
                raise malformed("a name that begins with U+0000")
        return {name: convert(element, depth + 1) for name, element in value.items()}

    return convert(root, 0)


def check_text(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise malformed("half of a surrogate pair") from None


def from_json_bytes(text: str) -> bytes:
    try:
        return base64_strict(text[1:])
    except ValueError:
        raise malformed("U+0000 and no base64") from None


def to_json_bytes(raw: bytes) -> str:
    return "\0" + base64.b64encode(raw).decode()
