"""What becomes of the messages of a test vector (16)."""

from __future__ import annotations

import base64
import math
from typing import Any, Optional

from .calls import Asked, Call, Opened
from .keys import Key, base64_strict, is_weak, parse_key
from .patterns import Keyring
from .reasons import Refused
from .session import Session

OTHER = {"originator": "responder", "responder": "originator"}


def unmark(value: Any) -> Any:
    """A value of a vector, without the marks of what JSON lacks."""
    if isinstance(value, list):
        return [unmark(element) for element in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$bytes"}:
        return base64.b64decode(value["$bytes"])
    if value.keys() == {"$int"}:
        return int(value["$int"])
    if value.keys() == {"$float"}:
        return float(value["$float"])
    return {name: unmark(element) for name, element in value.items()}


def mark(value: Any) -> Any:
    """The inverse of unmark."""
    if isinstance(value, list):
        return [mark(element) for element in value]
    if isinstance(value, dict):
        return {name: mark(element) for name, element in value.items()}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, float):
        return {"$float": repr(value) if math.isfinite(value) else str(value)}
    if type(value) is int and abs(value) > 2**53:
        return {"$int": str(value)}
    return value


def key_of(entry: dict[str, Any], role: str, unbound: bool) -> Key:
    """The receiver's key, with the id and the shared key that we make of it."""
    if entry["algorithm"] != "cryptobox":
        shared = base64_strict(entry["shared"])
        return Key(entry["algorithm"], shared, entry["id"], "both", unbound)
    private = parse_key(entry["private"][role])
    public = parse_key(entry["public"][OTHER[role]])
    if entry["public"]["originator"] == entry["public"]["responder"]:
        role = "both"
    key = Key.box(role, private, public, unbound)
    if key.id != entry["id"] or key.shared != base64_strict(entry["shared"]):
        raise ValueError("another key id or shared key than the vectors'")
    return key


def session_of(header: dict[str, Any], vector: dict[str, Any]) -> Session:
    entry = next(key for key in header["keys"] if key["name"] == vector["keys"])
    ring, pattern = Keyring(), header["pattern"]
    key = key_of(entry, vector["role"], vector.get("unbound", False))
    ring.set(pattern["match"], pattern["uri"], [key])
    return Session(
        header["realm"],
        vector["framing"],
        ring,
        own_from=unmark(header["own_from"]),
        max_age=vector["max_age_ms"],
        skew=vector["clock_skew_ms"],
        clock=lambda: header["now"],
    )


def parts_of(message: dict[str, Any]) -> list[Any]:
    if "binary" in message:
        parts = [unmark(message["binary"])]
    elif "args" in message or "kwargs" in message:
        parts = [unmark(message.get("args", []))]
    else:
        return []
    return parts + [unmark(message["kwargs"])] if "kwargs" in message else parts


def run(header: dict[str, Any], vector: dict[str, Any]) -> list[dict[str, Any]]:
    """An outcome for each message, in the form of a vector's expect.

    For what is delivered plain, "plain" has what is delivered.
    """
    session, asked_for = session_of(header, vector), vector["exchange"]
    uri = asked_for["uri"]
    asked = Asked(
        uri,
        asked_for.get("match", "exact"),
        header["now"],
        asked_for.get("get_retained", False),
    )
    call: Optional[Call] = None
    if asked_for["verb"] == "call":
        call = Call(uri)
        if "re" in asked_for:
            call.versions = session.keyring.find(uri)
            call.token = unmark(asked_for["re"])
    outcomes = []
    for message in vector["messages"]:
        invoked, before = message["type"] == "INVOCATION", call
        try:
            opened, call = take(session, asked, call, message)
            outcomes.append(outcome_of(opened))
        except Refused as refusal:
            outcome = {"reason": refusal.reason}
            if invoked:
                details = unmark(message["details"])
                outcome["answer"] = session.opaque_answer(asked, details, before)
            outcomes.append(outcome)
        if invoked and message["details"].get("progress") is not True:
            call = None
    return outcomes


def take(
    session: Session, asked: Asked, call: Optional[Call], message: dict[str, Any]
) -> tuple[Opened, Optional[Call]]:
    details, parts = unmark(message["details"]), parts_of(message)
    if message["type"] == "EVENT":
        return session.event(asked, details, parts), call
    if message["type"] == "INVOCATION":
        return session.invocation(asked, details, parts, call)
    if call is None:
        raise ValueError("an answer without a call")
    if message["type"] == "RESULT":
        return session.result(call, details, parts), call
    return session.error(call, details, message["error"], parts), call


def outcome_of(opened: Opened) -> dict[str, Any]:
    if not opened.sealed:
        return {"plain": {"args": mark(opened.args), "kwargs": mark(opened.kwargs)}}
    record = opened.record or {}
    kept = {name: mark(value) for name, value in record.items()}
    return {"record": kept}


def judge_key(kind: str, text: str) -> Optional[str]:
    """What "error" says of the text of a key: None, "key" or "weak"."""
    try:
        raw = parse_key(text)
    except ValueError:
        return "key"
    return "weak" if is_weak(raw, public=kind == "public") else None
