"""Records, which are what is sealed. Ours is an array of eleven items or, padded, of twelve (FORMAT.md, 4);
the foreign ones are a map of uri, args and kwargs, in JSON or CBOR (12). Here all are dicts by name."""
import json
import re

from .cbor import ENTRY, MAX_BITS, MAX_DEPTH, MAX_VALUES, MEMORY, MEMORY_TIMES, SLOT, VALUE
from .cbor import Fault, Reader, require, write
from .keys import json_text, unbase64

PUBLISH, CALL, CALL_PROGRESS, RESULT, PROGRESS, ERROR, REFUSAL = range(1, 8)
FIELDS = ("kind", "realm", "uri", "from", "n", "ts", "re", "seq", "flags", "args", "kwargs")
SELF, KEEP = 1, 2
MAX_RECORD, MAX_TS, MAX_UINT = 1 << 24, (1 << 63) - 1, (1 << 64) - 1
JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}:,]|[^\s"\[\]{}:,]+', re.DOTALL)
# What tokens of JSON take, by how they begin. All others are values
JSON_COSTS = {"[": VALUE + SLOT, "{": VALUE, "]": 0, "}": 0, ",": SLOT, ":": ENTRY, "t": 0, "f": 0, "n": 0}


def padme(size):
    exponent = max(size.bit_length() - 1, 0)
    step = 1 << max(exponent - exponent.bit_length(), 0)
    return -(-size // step) * step


def write_record(record, size=None):
    """The bytes of a record. Size is that to pad to, or a function that makes it of the least size."""
    data = write([record[name] for name in FIELDS])
    read_back(read_record, data)
    least = len(data) + 5
    if size is None or least > MAX_RECORD:
        return data
    padding = min(size(least) if callable(size) else size, MAX_RECORD) - least
    return b"\x8c" + data[1:] + b"\x5a" + padding.to_bytes(4) + bytes(padding)


def read_back(read, *of):
    """What was written, as it is read. What wouldn't be opened isn't sealed."""
    try:
        return read(*of)
    except Fault as fault:
        require(fault.reason != "TooLarge", "TooLarge", "send less in one message")
        raise Fault("Unsealable", "no value of the format") from None


def read_record(data):
    require(len(data) <= MAX_RECORD, "TooLarge", "a record beyond 16 MiB")
    reader = Reader(data)
    require(reader.take(1) in (b"\x8b", b"\x8c"), "Malformed", "no array of 11 or 12 items")
    record = {name: reader.value() for name in FIELDS}
    if data[0] == 0x8C:
        reader.strict = False  # the head of padding may be longer than needed
        major, _, n = reader.head()
        require(major == 2 and n is not None, "Malformed", "padding that isn't bytes")
        reader.take(n)
    require(reader.at == len(data), "Malformed", "something behind the record")
    for name, fits in items_that_fit(record).items():
        require(fits, "Malformed", name)
    return record


def uint(value, least=0, most=MAX_UINT):
    return type(value) is int and least <= value <= most


def items_that_fit(r):
    """Of each item, whether it has the type and the range that records of this kind have."""
    publish, refusal, args = r["kind"] == PUBLISH, r["kind"] == REFUSAL, r["args"]
    return {
        "kind": uint(r["kind"], 1, 7),
        "realm": type(r["realm"]) is str and (r["realm"] == "") == refusal,
        "uri": type(r["uri"]) is str and (r["uri"] == "") == refusal,
        "from": type(r["from"]) is bytes and len(r["from"]) == 16 and any(r["from"]),
        "n": uint(r["n"], 1),
        "ts": uint(r["ts"], 0, MAX_TS),
        "re": r["re"] is None or not publish and type(r["re"]) is bytes and len(r["re"]) == 24,
        "seq": uint(r["seq"]) or publish and r["seq"] is None,
        "flags": uint(r["flags"], 0, SELF | KEEP if publish else 0),
        "args": type(args) is list and len(args) == 2 and type(args[0]) is str and uint(args[1], 0, MAX_TS)
                if refusal else type(args) in (list, type(None)),
        "kwargs": r["kwargs"] is None or not refusal and type(r["kwargs"]) is dict,
    }


def write_foreign(dialect, uri, args, kwargs):
    """The bytes of a foreign record. What isn't read as it was given isn't sealed."""
    in_cbor = data = write({"args": args, "kwargs": kwargs, "uri": uri})
    record = read_back(read_foreign, "passthru", in_cbor)
    if dialect == "autobahn":
        in_order = {"uri": uri} | record
        data = json.dumps(in_order, ensure_ascii=False, separators=(",", ":"), default=json_text).encode()
    same = write(read_back(read_foreign, dialect, data)) == in_cbor
    require(same, "Unsealable", "no value of the dialect")
    return data


def read_foreign(dialect, data):
    """args, kwargs and uri, each None if it is missing."""
    reader = Reader(data, strict=False)
    record = read_json(data) if dialect == "autobahn" else reader.value(-1)
    require(dialect == "autobahn" or reader.at == len(data), "Malformed", "something behind the record")
    require(isinstance(record, dict), "Malformed", "no map")
    record = {name: record.get(name) for name in ("args", "kwargs", "uri")}
    for name, kind in (("args", list), ("kwargs", dict), ("uri", str)):
        require(isinstance(record[name], kind | None) and record[name] != "", "Malformed", name)
    return record


def read_json(data):
    try:
        text = data.decode()
        count_json(text, max(MEMORY, MEMORY_TIMES * len(data)))
        return from_json(json.loads(text, object_pairs_hook=map_of))
    except (ValueError, RecursionError):
        raise Fault("Malformed", "no JSON as it has to be") from None


def count_json(text, limit):
    """Counts depth, values and memory before the reader takes any, as cbor.Reader does."""
    depth = values = memory = 0
    for token in JSON_TOKEN.finditer(text):
        first = token[0][0]
        depth += (first in "[{") - (first in "]}")
        values += first in "[{,"
        memory += JSON_COSTS.get(first, VALUE)
        within = depth <= MAX_DEPTH + 2 and values <= MAX_VALUES + 64 and memory <= limit
        require(within, "TooLarge", "beyond a limit")


def map_of(pairs):
    if len(dict(pairs)) < len(pairs) or any(key.startswith("\0") for key, _ in pairs):
        raise ValueError("a key that stands twice, or is bytes")
    return dict(pairs)


def from_json(value):
    """The value as it was before it was written in JSON, where bytes are a text that begins with U+0000."""
    match value:
        case list():
            return [from_json(v) for v in value]
        case dict():
            return {from_json(k): from_json(v) for k, v in value.items()}
        case str():
            value.encode()  # refuses half of a surrogate pair
            if value.startswith("\0") and (value := unbase64(value[1:])) is None:
                raise ValueError("U+0000 and no base64")
        case int() | float():
            if value - value != 0 or isinstance(value, int) and value.bit_length() > MAX_BITS:
                raise ValueError("a number out of range")
    return value
