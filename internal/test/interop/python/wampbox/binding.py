"""Whether a binding is well-formed (7)."""

from __future__ import annotations

from typing import Any

from .reasons import malformed

KINDS = ("publish", "call_progress", "call", "progress", "result", "error")


def check_bind(bind: Any) -> None:
    """Whether a binding is well-formed; says nothing of what it binds to."""

    def integer(value: Any, low: int, high: int) -> bool:
        return type(value) is int and low <= value <= high

    def raw(value: Any, low: int, high: int) -> bool:
        return isinstance(value, bytes) and low <= len(value) <= high

    if not isinstance(bind, dict):
        raise malformed("bind")
    get = bind.get
    good = {
        "v": integer(get("v"), 1, 1),
        "kind": isinstance(get("kind"), str) and get("kind") in KINDS,
        "realm": isinstance(get("realm"), str) and get("realm") != "",
        "from": raw(get("from"), 16, 16) and any(bind["from"]),
        "n": integer(get("n"), 1, 2**64 - 1),
        "ts": integer(get("ts"), -(2**63), 2**63 - 1),
        "re": "re" not in bind or raw(get("re"), 1, 64),
        "seq": get("kind") == "publish" or integer(get("seq"), 0, 2**64 - 1),
        "self": isinstance(get("self", False), bool),
        "keep": isinstance(get("keep", False), bool),
    }
    for name, well in good.items():
        if not well:
            raise malformed(f"{name} of bind")
