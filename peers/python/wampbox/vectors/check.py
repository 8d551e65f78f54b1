"""Runs test vectors (FORMAT.md, 16) through a Session. Reads and writes the marks that values have there."""
import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ..cbor import EPOCH
from ..cbor import Fault
from ..keys import ANSWERS, MESSAGES, Key, WeakKey, check_weak, json_text, key_bytes
from ..record import padme, read_record, write_record
from ..ring import Ring, Version
from ..session import Exchange, Session
from ..signed import SIZES, TYPES, SignedKey, check_public, check_verify_key, signer_of, typed_bytes, typed_text
from ..signed import verify_key

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


def signed_key_of(entry, role, whole):
    """A party's key of suite 4 or 5. Whole is one that has all, and signs as this role."""
    suite, reading, reads = entry["suite"], entry["reading"], role == "responder"
    sign = entry["signing"].get(role)
    names = {of: {typed_bytes(text, "ed25519"): name for name, text in entry[of]} for of in ("senders", "answerers")}
    return SignedKey(
        suite, typed_bytes(sign, "ed25519") if sign else None,
        typed_bytes(reading["public"], TYPES[suite], SIZES[suite]) if sign and (whole or not reads) else None,
        typed_bytes(reading["private"], TYPES[suite]) if whole or reads else None,
        names["senders"] if whole or reads else {}, names["answerers"] if whole or not reads else {},
        entry.get("any_answerer", False), entry.get("signed_once", False))


def key_of(entry, role, whole=False):
    if "reading" in entry:
        return signed_key_of(entry, role, whole)
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
        return {"record": outcome.record} | ({"sender": outcome.sender} if outcome.sender else {})
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
    names = [vector["keys"], *vector.get("beside", ())]
    versions = [Version(key_of(keys[name], vector["role"]), active) for active, name in enumerate(names)]
    ring.set(pattern["uri"], pattern["match"], *versions, allow_unsigned=vector.get("allow_unsigned", 0))
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
    data = write_record(record, size)
    context = key.open_record(MESSAGES, unmark(entry["first"])).context if "first" in entry else None
    enc, _ = key.seal_record(record, data, nonce, context)
    plaintext = key.plaintext(ANSWERS, enc, context) if context else data
    return [enc, plaintext] == unmark([entry["enc"], entry["plaintext"]])


def check_opening(keys, entry):
    """What steps C and D of section 9 make of a payload of suite 4 or 5."""
    key, direction = key_of(keys[entry["keys"]], "originator", True), entry["direction"]
    context = key.open_record(MESSAGES, unmark(entry["first"])).context if "first" in entry else None
    try:
        opened = key.open_record(direction, unmark(entry["enc"]), context)
        got = {"record": read_record(opened.data)} | ({"sender": opened.name} if opened.name else {})
        got |= {"token": opened.token} if direction == MESSAGES else {}
    except Fault as fault:
        got = {"reason": fault.reason}
    return same(got, unmark(entry["expect"]))


def read_key(kind, text):
    """The bytes of a key as text."""
    suite = int(kind[-1]) if kind[-1].isdigit() else 0
    if kind.startswith("reading"):
        size = SIZES[suite] if "public" in kind else 32
        data = typed_bytes(text, TYPES[suite], size)
        return check_public(suite, data) if "public" in kind else check_weak(data)
    if kind in ("signing", "verify"):
        data = typed_bytes(text, "ed25519")
        return check_verify_key(data) if kind == "verify" else check_weak(data)
    return check_weak(key_bytes(text), kind == "public")


def key_text_error(entry):
    try:
        read_key(entry["kind"], entry["text"])
    except WeakKey:
        return "weak"
    except ValueError:
        return "key"
    return None


def check_signer(entry):
    verify = verify_key(typed_bytes(entry["signing"], "ed25519"))
    return typed_text("ed25519", verify) == entry["verify"] and signer_of(verify).hex() == entry["signer"]


def check_file(document):
    """What isn't as it has to be, a line for each."""
    keys = {entry["name"]: entry for entry in document["keys"]}
    wrong = [f"padme {size}: {padme(size)}" for size, padded in document["padme"] if padme(size) != padded]
    wrong += [f"key text {e['name']}" for e in document["key_texts"] if key_text_error(e) != e.get("error")]
    wrong += [f"sealing {e['name']}: other bytes" for e in document["sealing"] if not check_sealing(keys, e)]
    wrong += [f"opening {e['name']}: something else" for e in document["opening"] if not check_opening(keys, e)]
    wrong += [f"signer {e['signer']}" for e in document["signers"] if not check_signer(e)]
    for vector in document["positive"] + document["negative"]:
        wrong += check_vector(document, keys, vector)
    return wrong
