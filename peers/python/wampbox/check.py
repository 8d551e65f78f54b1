"""Runs test vectors (FORMAT.md, 16) through the receiver of this package."""
import base64
import math
from datetime import timedelta
from decimal import Decimal

from .keys import ANSWERS, MESSAGES, Key, check_weak, key_bytes
from .receiver import Exchange, Receiver
from .record import CALL_PROGRESS, padme, write_record
from .ring import Ring
from .values import EPOCH

FILL = "$fill"


class Tag64:
    tag = 64

    def __init__(self, value):
        self.value = value


def mark(value):
    """A value in JSON with marks."""
    match value:
        case bool() | None | str():
            return value
        case int():
            return value if abs(value) <= 1 << 53 else {"$int": str(value)}
        case float():
            return {"$float": repr(value)}
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case Tag64():
            return {"$tag64": base64.b64encode(value.value).decode()}
        case list() | tuple():
            return [mark(v) for v in value]
        case dict():
            return value if FILL in value else {k: mark(v) for k, v in value.items()}
    return {"$time": str(Decimal((value - EPOCH) // timedelta(microseconds=1)) / 10**6)}


def unmark(value, in_json=False):
    """The value that marks stand for. In JSON, bytes have the form that they have in a message there."""
    if isinstance(value, list):
        return [unmark(v, in_json) for v in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and next(iter(value)).startswith("$"):
        (name, of), = value.items()
        if name in ("$bytes", FILL):
            data = b"\1" * of if name == FILL else base64.b64decode(of)
            return "\0" + base64.b64encode(data).decode() if in_json else data
        if name == "$time":
            return EPOCH + timedelta(microseconds=int(Decimal(of) * 10**6))
        return {"$int": int, "$float": float, "$tag64": lambda b: Tag64(base64.b64decode(b))}[name](of)
    return {k: unmark(v, in_json) for k, v in value.items()}


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return a == b and math.copysign(1, a) == math.copysign(1, b) or a != a and b != b
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a) if isinstance(a, dict) else a == b


def key_of(entry, role):
    private, public = entry.get("private", {}), entry.get("public", {})
    if not private:
        return Key.shared(base64.b64decode(entry["secret"]), entry["dialect"], entry.get("id"), entry.get("cipher", ""))
    own = base64.b64decode(private[role])
    if entry["dialect"] == "autobahn" and public["originator"] == public["responder"]:
        return Key.both(own)
    peer = base64.b64decode(public["responder" if role == "originator" else "originator"])
    return Key.pair(role, own, peer, entry.get("suite", 0), entry["dialect"], entry.get("id"))


def wire(message, call, in_json):
    """The WAMP message as a list."""
    rest = [unmark(message[name], in_json) for name in ("args", "kwargs") if name in message]
    if "binary" in message:
        rest = [unmark(message["binary"], in_json)] + rest[:1]
    elif "kwargs" in message and "args" not in message:
        rest = [[]] + rest
    rest += unmark(message.get("behind", []), in_json)
    details = unmark(message["details"], in_json)
    return {"EVENT": [36, 1, 2, details], "INVOCATION": [68, call, 1, details], "RESULT": [50, call, details],
            "ERROR": [8, 48, call, details, message.get("error")]}[message["type"]] + rest


def happened(outcome):
    """An outcome, as the document's expect has it."""
    if outcome.record is not None:
        return {"record": outcome.record}
    if outcome.refused:
        return {"refused": True} | ({"refusal": outcome.refusal} if outcome.refusal else {})
    if outcome.reason is None:
        return {"plain": True}
    answer = outcome.answer and {"error": outcome.answer[4]}
    if answer and len(outcome.answer) > 5:
        answer["enc"] = len(outcome.answer[6]["enc"])
    return {"reason": outcome.reason} | ({"answer": answer} if answer else {})


def run(document, keys, vector, in_json):
    """What became of each message of a vector."""
    ring = Ring()
    ring.set(document["pattern"]["uri"], document["pattern"]["match"], key_of(keys[vector["keys"]], vector["role"]))
    receiver = Receiver(ring, document["realm"], unmark(document["own_from"]), lambda: document["now"], lambda: 0,
                        vector["max_age_ms"], vector["clock_skew_ms"], lambda n: bytes(n))
    exchange = vector["exchange"]
    wanted = receiver.subscribe(exchange["uri"], exchange.get("match", "exact"), exchange.get("get_retained", False))
    sealed = "re" in exchange
    version = ring.find(exchange["uri"])[1].versions[0] if sealed else None
    call = Exchange(7, exchange["uri"], version, unmark(exchange["re"]) if sealed else None)
    request, more = 0, False
    for message in vector["messages"]:
        kind = message["type"]
        if kind == "INVOCATION":
            request += not more
            outcome = receiver.invocation(wanted, wire(message, request, in_json))
            more = message["details"].get("progress") is True and not outcome.reason
        elif kind == "EVENT":
            outcome = receiver.event(wanted, wire(message, 0, in_json))
        else:
            outcome = (receiver.result if kind == "RESULT" else receiver.error)(call, wire(message, call.request, in_json))
        yield happened(outcome)


def check_vector(document, keys, vector):
    """Both with bytes as CBOR and MessagePack have them, and as JSON does."""
    for in_json in (False, True):
        for at, (message, got) in enumerate(zip(vector["messages"], run(document, keys, vector, in_json))):
            if not same(unmark(message["expect"]), got):
                yield f"{vector['name']}, message {at}{' in JSON' * in_json}: {mark(got)} instead of {message['expect']}"


def check_sealing(keys, entry):
    key = key_of(keys[entry["keys"]], entry["role"])
    record, nonce = unmark(entry["record"]), unmark(entry["nonce"])
    plaintext = write_record(record, entry.get("size"))
    enc = key.seal(MESSAGES if record["kind"] <= CALL_PROGRESS else ANSWERS, plaintext, nonce)
    if (plaintext, enc) != (unmark(entry["plaintext"]), unmark(entry["enc"])):
        yield f"sealing {entry['name']}: other bytes"


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
    for entry in document["sealing"]:
        wrong += check_sealing(keys, entry)
    for vector in document["positive"] + document["negative"]:
        wrong += check_vector(document, keys, vector)
    return wrong
