"""Values in CBOR (FORMAT.md, 5, 12.2, 13): a writer, and a reader, strict for our records, else liberal."""
import struct
from datetime import datetime, timedelta, timezone

import cbor2

MAX_DEPTH, MAX_VALUES, MAX_BITS = 128, 1 << 20, 1024
MEMORY, MEMORY_TIMES = 17825792, 8
VALUE, SLOT, ENTRY = 56, 8, 120  # bytes that CPython takes for a value, and for its place in a list, in a map
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
FLOATS = {25: ">e", 26: ">f", 27: ">d"}
ENCODERS = {float: lambda encoder, value: encoder.write(b"\xfb" + struct.pack(">d", value))}


class Fault(Exception):
    """Why a message was refused, or not sent: a reason of the list, and what is wrong."""

    def __init__(self, reason, why=""):
        super().__init__(f"{reason}: {why}" if why else reason)
        self.reason = reason


def require(right, reason, why=""):
    if not right:
        raise Fault(reason, why)


def write(value):
    """The value in CBOR. That the format has it is for the reader to tell."""
    limit_depth(value)
    try:
        return cbor2.dumps(value, datetime_as_timestamp=True, encoders=ENCODERS)
    except (cbor2.CBOREncodeError, ValueError):
        raise Fault("Unsealable", "no value of the format") from None


def limit_depth(value, depth=-1):
    """Depth is that of the value, if it is a list or map: args and kwargs have 0."""
    elements = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    require(depth <= MAX_DEPTH or not elements, "TooLarge", "nest lists and maps less deep")
    for element in elements:
        limit_depth(element, depth + 1)


class Reader:
    """Reads values one behind the other. What they take is counted before it is taken."""

    def __init__(self, data, strict=True):
        self.data, self.at, self.strict = data, 0, strict
        self.memory, self.values = max(MEMORY, MEMORY_TIMES * len(data)), MAX_VALUES + 64

    def take(self, n):
        require(n <= len(self.data) - self.at, "Malformed", "cut short")
        self.at += n
        return self.data[self.at - n:self.at]

    def charge(self, memory, values=0):
        self.memory, self.values = self.memory - memory, self.values - values
        require(self.memory >= 0 and self.values >= 0, "TooLarge", "more values than a record may have")

    def head(self):
        """Major type, additional information, and argument: None if the length is indefinite."""
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if info == 31 and 2 <= major <= 5 and not self.strict:
            return major, info, None
        require(info < 28, "Malformed", "an indefinite length, or a head that doesn't exist")
        n = info if info < 24 else int.from_bytes(self.take(1 << info - 24))
        shortest = info < 24 or n >= (24, 1 << 8, 1 << 16, 1 << 32)[info - 24]
        require(shortest or major == 7 or not self.strict, "Malformed", "a head longer than needed")
        return major, info, n

    def value(self, depth=0, place=SLOT, values=1):
        """Place is the memory that it takes beside its own, values how many it counts for."""
        major, info, n = self.head()
        self.charge(place + VALUE * (major < 7 or info >= 24), values)
        require(major not in (4, 5) or depth <= MAX_DEPTH, "TooLarge", "nested too deep")
        match major:
            case 0 | 1:
                return n if major == 0 else -1 - n
            case 2 | 3:
                return self.string(major, n)
            case 4:
                return [self.value(depth + 1) for _ in self.elements(n)]
            case 5:
                result = {}
                for _ in self.elements(n):
                    key = self.value(depth + 1, ENTRY, 0)
                    right = isinstance(key, str) and key not in result
                    require(right, "Malformed", "a key that stands twice, or isn't text")
                    result[key] = self.value(depth + 1, 0)
                return result
            case 6:
                return self.tagged(n, depth)
        if info in FLOATS:
            return struct.unpack(FLOATS[info], n.to_bytes(1 << info - 24))[0]
        require(20 <= info <= 22 or info == 23 and not self.strict, "Malformed", "no value of the format")
        return {20: False, 21: True}.get(info)

    def elements(self, n):
        """Goes round n times, or if that is None until a break."""
        return iter(self.broken, True) if n is None else range(n)

    def broken(self):
        broken = self.data[self.at:self.at + 1] == b"\xff"
        self.at += broken
        return broken

    def string(self, major, n):
        if n is None:
            return (b"" if major == 2 else "").join(self.piece(major) for _ in self.elements(n))
        data = self.take(n)
        self.charge(4 * n)
        try:
            return data if major == 2 else data.decode()
        except UnicodeDecodeError:
            raise Fault("Malformed", "invalid UTF-8") from None

    def piece(self, major):
        self.charge(VALUE + SLOT)
        kind, _, n = self.head()
        require(kind == major and n is not None, "Malformed", "a piece of another type")
        return self.string(major, n)

    def tagged(self, tag, depth):
        require(not b"\xc0" <= self.data[self.at:self.at + 1] < b"\xe0", "Malformed", "a tag on a tag")
        value = self.value(depth, 0, 0)
        if tag == 1 and self.strict and type(value) in (int, float):
            require(-62135596800 <= value < 253402300800, "Malformed", "a time beyond the years 1 to 9999")
            return EPOCH + timedelta(seconds=value)
        if tag == 64 and type(value) is bytes and not self.strict:
            return value
        bignum = tag in (2, 3) and type(value) is bytes and len(value) <= MAX_BITS // 8
        require(bignum, "Malformed", "a tag that isn't taken, or not on this")
        require(not self.strict or len(value) > 8 and value[0], "Malformed", "longer than needed")
        n = int.from_bytes(value)
        require((n + tag - 2).bit_length() <= MAX_BITS, "Malformed", "an integer of more than 1024 bits")
        return n if tag == 2 else -1 - n
