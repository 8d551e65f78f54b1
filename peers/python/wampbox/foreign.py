"""The records of the foreign dialects (FORMAT.md, 12): a map of args, kwargs and uri, in JSON or CBOR."""
import base64
import json
import re

from .envelope import b64
from .values import (
    ENTRY,
    LIST,
    MAP,
    MAX_BITS,
    MAX_DEPTH,
    MAX_VALUES,
    MEMORY,
    MEMORY_TIMES,
    SCALAR,
    SLOT,
    Fault,
    Reader,
    utf8,
    write,
)

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}:,]|[^\s"\[\]{}:,]+', re.DOTALL)


def malformed(why):
    return Fault("Malformed", why)


def write_foreign(dialect, uri, args, kwargs):
    if dialect == "autobahn":
        record = {"uri": uri, "args": to_json(args), "kwargs": to_json(kwargs)}
        data = utf8(json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    else:
        items = {"args": args, "kwargs": kwargs, "uri": uri}
        data = b"\xa3" + b"".join(write(k) + write(v, times=False) for k, v in items.items())
    read_foreign(dialect, data)  # what wouldn't be opened isn't sealed
    return data


def to_json(value, depth=0):
    match value:
        case None | bool():
            return value
        case int() if value.bit_length() <= MAX_BITS:
            return value
        case float() if value - value == 0:
            return value
        case str() if not value.startswith("\0"):
            return value
        case bytes() | bytearray():
            return "\0" + base64.b64encode(value).decode()
        case list() | tuple() | dict() if depth > MAX_DEPTH:
            raise Fault("TooLarge", "nest lists and maps less deep")
        case list() | tuple():
            return [to_json(v, depth + 1) for v in value]
        case dict() if all(isinstance(k, str) and not k.startswith("\0") for k in value):
            return {k: to_json(v, depth + 1) for k, v in value.items()}
    raise Fault("Unsealable", "JSON has no such value")


def read_foreign(dialect, data):
    """uri, args and kwargs of a record, each None if it is missing."""
    record = read_json(data) if dialect == "autobahn" else read_cbor(data)
    uri, args, kwargs = (record.get(name) for name in ("uri", "args", "kwargs"))
    if not isinstance(uri, (str, type(None))) or uri == "" or not isinstance(args, (list, type(None))) \
            or not isinstance(kwargs, (dict, type(None))):
        raise malformed("an item of another type")
    return {"uri": uri, "args": args, "kwargs": kwargs}


def read_cbor(data):
    if not data or data[0] >> 5 != 5:
        raise malformed("no map")
    reader = Reader(data, strict=False)
    record = reader.value(-1)
    if reader.at != len(data):
        raise malformed("something behind the record")
    return record


def read_json(data):
    try:
        text = data.decode()
        scan(text, max(MEMORY, MEMORY_TIMES * len(data)))
        record = json.loads(text, object_pairs_hook=pairs, parse_constant=no_constant, parse_int=integer, parse_float=real)
    except (ValueError, RecursionError):
        raise malformed("no JSON as it has to be") from None
    if not isinstance(record, dict):
        raise malformed("no map")
    return {k: from_json(v) for k, v in record.items()}


def scan(text, limit):
    """Counts depth and memory before the reader takes any. A value costs what values.Reader charges."""
    depth = memory = values = 0
    cost = {"[": LIST + SLOT, "{": MAP, ",": SLOT, ":": ENTRY}
    for token in TOKEN.finditer(text):
        first = token[0][0]
        depth += (first in "[{") - (first in "]}")
        values += first in "[{,"
        memory += cost.get(first, 0) if first in "[]{}:,tfn" else SCALAR
        if depth > MAX_DEPTH + 2 or values > MAX_VALUES + 64 or memory > limit:
            raise Fault("TooLarge", "beyond a limit")


def pairs(items):
    if any(k.startswith("\0") for k, _ in items) or len({k for k, _ in items}) != len(items):
        raise malformed("a key that stands twice, or isn't text")
    for k, _ in items:
        k.encode()
    return dict(items)


def no_constant(name):
    raise malformed(name)


def integer(text):
    if len(text.lstrip("-")) > 309 or (value := int(text)).bit_length() > MAX_BITS:
        raise malformed("an integer of more than 1024 bits")
    return value


def real(text):
    if (value := float(text)) - value != 0:
        raise malformed("a float beyond 64 bits")
    return value


def from_json(value):
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise malformed("half of a surrogate pair") from None
        if not value.startswith("\0"):
            return value
        if (data := b64(value[1:])) is None:
            raise malformed("U+0000 and no base64")
        return data
    if isinstance(value, list):
        return [from_json(v) for v in value]
    return {k: from_json(v) for k, v in value.items()} if isinstance(value, dict) else value
