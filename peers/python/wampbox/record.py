"""The record of our dialect (FORMAT.md, 4): eleven items, or twelve with padding. Here it is a dict of the eleven by name."""
from .values import Fault, Reader, write

PUBLISH, CALL, CALL_PROGRESS, RESULT, PROGRESS, ERROR, REFUSAL = range(1, 8)
FIELDS = ("kind", "realm", "uri", "from", "n", "ts", "re", "seq", "flags", "args", "kwargs")
SELF, KEEP = 1, 2
MAX_RECORD, MAX_TS, MAX_UINT = 1 << 24, (1 << 63) - 1, (1 << 64) - 1


def padme(size):
    exponent = size.bit_length() - 1
    step = (1 << max(exponent - exponent.bit_length(), 0)) if size > 1 else 1
    return -(-size // step) * step


def write_record(record, size=None):
    """The bytes of a record. Size is that to pad to, or a function that makes it of the least size."""
    data = b"\x8b" + b"".join(write(record[name]) for name in FIELDS)
    if len(data) > MAX_RECORD:
        raise Fault("TooLarge", "send less in one message")
    read_record(data)  # what wouldn't be opened isn't sealed
    least = len(data) + 5
    size = min(size(least), MAX_RECORD) if callable(size) else size
    if size is None or least > MAX_RECORD:
        return data
    if not least <= size <= MAX_RECORD:
        raise ValueError(f"a record of {len(data)} bytes can't be padded to {size}")
    return b"\x8c" + data[1:] + b"\x5a" + (size - least).to_bytes(4, "big") + bytes(size - least)


def read_record(data):
    if len(data) > MAX_RECORD:
        raise Fault("TooLarge", "a record beyond 16 MiB")
    reader = Reader(data)
    if reader.take(1) not in (b"\x8b", b"\x8c"):
        raise Fault("Malformed", "no array of 11 or 12 items")
    record = {name: reader.value() for name in FIELDS}
    if data[0] == 0x8C:
        major, _, n = reader.head(strict=False)
        if major != 2:
            raise Fault("Malformed", "padding that isn't bytes")
        reader.take(n)
    if reader.at != len(data):
        raise Fault("Malformed", "something behind the record")
    check_items(record)
    return record


def uint(value, most=MAX_UINT, least=0):
    return type(value) is int and least <= value <= most


def check_items(r):
    kind = r["kind"]
    if not uint(kind, 7, 1):
        raise Fault("Malformed", "kind")
    publish, refusal = kind == PUBLISH, kind == REFUSAL
    args = r["args"]
    right = {
        "realm": type(r["realm"]) is str and (r["realm"] == "") == refusal,
        "uri": type(r["uri"]) is str and (r["uri"] == "") == refusal,
        "from": type(r["from"]) is bytes and len(r["from"]) == 16 and any(r["from"]),
        "n": uint(r["n"], least=1),
        "ts": uint(r["ts"], MAX_TS),
        "re": r["re"] is None or not publish and type(r["re"]) is bytes and len(r["re"]) == 24,
        "seq": uint(r["seq"]) or publish and r["seq"] is None,
        "flags": uint(r["flags"], SELF | KEEP if publish else 0),
        "args": (type(args) is list and len(args) == 2 and type(args[0]) is str and uint(args[1], MAX_TS))
                if refusal else args is None or type(args) is list,
        "kwargs": r["kwargs"] is None or not refusal and type(r["kwargs"]) is dict,
    }
    for name, fits in right.items():
        if not fits:
            raise Fault("Malformed", name)
