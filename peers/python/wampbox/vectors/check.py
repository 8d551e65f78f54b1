"""Runs test vectors (FORMAT.md, 16) through a Session. Reads and writes the marks that values have there."""
import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ..cbor import EPOCH
from ..keys import ANSWERS, MESSAGES, Key, check_weak, json_text, key_bytes
from ..record import CALL_PROGRESS, padme, write_record
from ..ring import Ring
from ..session import Exchange, Session

MICROSECOND = timedelta(microseconds=1)


@dataclass
class Tag64:
    """CBOR tag 64 on bytes, as a reader of CBOR may hand it on."""
    value: bytes
    tag: int = 64


def base64_of(data):
    return base64.b64encode(data).decode()


# By mark: the type that has it, what is written behind it, and how that is read
MARKS = {
    "$bytes": (bytes, base64_of, base64.b64decode),
    "$fill": (None, None, lambda n: b"\1" * n),
    "$tag64": (Tag64, lambda v: base64_of(v.value), lambda v: Tag64(base64.b64decode(v))),
    "$int": (int, str, int),
    "$float": (float, repr, float),
    "$time": (datetime, lambda v: str(Decimal((v - EPOCH) // MICROSECOND) / 10**6),
              lambda v: EPOCH + int(Decimal(v) * 10**6) * MICROSECOND),
}


def mark(value):
    """A value in JSON with marks."""
    if isinstance(value, list | tuple):
        return [mark(v) for v in value]
    if isinstance(value, dict):
        return {k: mark(v) for k, v in value.items()}
    if isinstance(value, bool | str | None) or isinstance(value, int) and abs(value) <= 1 << 53:
        return value
    return next({name: written(value)} for name, (kind, written, _) in MARKS.items() if type(value) is kind)


def unmark(value, in_json=False):
    """The value that marks stand for. In JSON, bytes have the form that they have in a message there."""
    if isinstance(value, list):
        return [unmark(v, in_json) for v in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (name := next(iter(value))) in MARKS:
        read = MARKS[name][2](value[name])
        return json_text(read) if in_json and isinstance(read, bytes) else read
    return {k: unmark(v, in_json) for k, v in value.items()}


def same(a, b):
    """Whether values are the same and of the same types; == takes True, 1 and 1.0 for each other."""
    return json.dumps(mark(a), sort_keys=True) == json.dumps(mark(b), sort_keys=True)


def key_of(entry, role):
    if "private" not in entry:
        secret = base64.b64decode(entry["secret"])
        return Key.shared(secret, entry["dialect"], entry.get("id"), entry.get("cipher"))
    own = base64.b64decode(entry["private"][role])
    peer = base64.b64decode(entry["public"]["responder" if role == "originator" else "originator"])
    return Key.pair(role, own, peer, entry.get("suite"), entry["dialect"], entry.get("id"))


def wire(message, call, in_json):
    """The WAMP message as a list."""
    given = {k: unmark(v, in_json) for k, v in message.items() if k in ("args", "kwargs", "binary", "behind")}
    rest = [given["binary"] if "binary" in given else given.get("args", [])] if given else []
    rest += [given["kwargs"]] if "kwargs" in given else []
    details = unmark(message["details"], in_json)
    head = {"EVENT": [36, 1, 2, details], "INVOCATION": [68, call, 1, details], "RESULT": [50, call, details],
            "ERROR": [8, 48, call, details, message.get("error")]}[message["type"]]
    return head + rest + given.get("behind", [])


def happened(outcome):
    """An outcome, as a vector's expect has it."""
    if outcome.record is not None:
        return {"record": outcome.record}
    if outcome.refused:
        return {"refused": True} | ({"refusal": outcome.refusal} if outcome.refusal else {})
    if outcome.reason is None:
        return {"plain": True}
    if outcome.answer is None:
        return {"reason": outcome.reason}
    error, *rest = outcome.answer[4:]
    enc = {"enc": len(rest[1]["enc"])} if rest else {}
    return {"reason": outcome.reason, "answer": {"error": error} | enc}


def run(document, keys, vector, in_json):
    """What became of each message of a vector."""
    ring, exchange, pattern = Ring(), vector["exchange"], document["pattern"]
    ring.set(pattern["uri"], pattern["match"], key_of(keys[vector["keys"]], vector["role"]))
    session = Session(ring, document["realm"], unmark(document["own_from"]), lambda: document["now"],
                      lambda: 0, vector["max_age_ms"], vector["clock_skew_ms"], bytes)
    of, match = Exchange(uri=exchange["uri"]), exchange.get("match", "exact")
    if exchange["verb"] == "subscribe":
        of = session.subscribe(exchange["uri"], match, exchange.get("get_retained", False))
    elif exchange["verb"] == "register":
        of = session.register(exchange["uri"], match)
    elif "re" in exchange:
        of.version, of.token = ring.find(exchange["uri"])[1].versions[0], unmark(exchange["re"])
        of.sealed = document["now"]
    request = 1
    for message in vector["messages"]:
        outcome = session.receive(of, wire(message, request, in_json))
        request += not (message["details"].get("progress") is True and not outcome.reason)
        yield happened(outcome)


def check_vector(document, keys, vector):
    """Both with bytes as CBOR and MessagePack have them, and as JSON does."""
    for in_json in (False, True):
        for at, (message, got) in enumerate(zip(vector["messages"], run(document, keys, vector, in_json))):
            if not same(unmark(message["expect"]), got):
                where = f"{vector['name']}, message {at}{' in JSON' * in_json}"
                yield f"{where}: {mark(got)}, not {message['expect']}"


def check_sealing(keys, entry):
    key = key_of(keys[entry["keys"]], entry["role"])
    record, nonce, size = unmark(entry["record"]), unmark(entry["nonce"]), entry.get("size")
    plaintext = write_record(record, size)
    enc = key.seal(MESSAGES if record["kind"] <= CALL_PROGRESS else ANSWERS, plaintext, nonce)
    return (plaintext, enc) == (unmark(entry["plaintext"]), unmark(entry["enc"]))


def key_text_error(entry):
    try:
        data = key_bytes(entry["text"])
    except ValueError:
        return "key"
    try:
        check_weak(data, entry["kind"] == "public")
    except ValueError:
        return "weak"
    return None


def check_file(document):
    """What isn't as it has to be, a line for each."""
    keys = {entry["name"]: entry for entry in document["keys"]}
    wrong = [f"padme {size}: {padme(size)}" for size, padded in document["padme"] if padme(size) != padded]
    wrong += [f"key text {e['name']}" for e in document["key_texts"] if key_text_error(e) != e.get("error")]
    wrong += [f"sealing {e['name']}: other bytes" for e in document["sealing"] if not check_sealing(keys, e)]
    for vector in document["positive"] + document["negative"]:
        wrong += check_vector(document, keys, vector)
    return wrong
