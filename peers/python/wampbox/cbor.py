"""Values in CBOR (FORMAT.md, 5, 12.2, 13): a writer, and a reader, strict for our records, else liberal."""
import re
import struct
from datetime import datetime, timedelta, timezone
from itertools import count

MAX_DEPTH, MAX_VALUES, MAX_BITS = 128, 1 << 20, 1024
MEMORY, MEMORY_TIMES = 17825792, 8
VALUE, SLOT, ENTRY = 56, 8, 120  # bytes that CPython takes for a value, and for its place in a list, in a map
EPOCH, SECOND = datetime(1970, 1, 1, tzinfo=timezone.utc), timedelta(seconds=1)
SURROGATE = re.compile(r"[\ud800-\udfff]")
FLOATS = {25: ">e", 26: ">f", 27: ">d"}


class Fault(Exception):
    """Why a message was refused, or not sent: a reason of the list, and what is wrong."""

    def __init__(self, reason, why=""):
        super().__init__(f"{reason}: {why}" if why else reason)
        self.reason = reason


def require(right, reason, why=""):
    if not right:
        raise Fault(reason, why)


def head(major, n):
    """The shortest head that holds n."""
    if n < 24:
        return bytes([major << 5 | n])
    size = next(s for s in (1, 2, 4, 8) if n < 1 << 8 * s)
    return bytes([major << 5 | 23 + size.bit_length()]) + n.to_bytes(size)


def write(value, depth=0, times=True):
    """The value in CBOR. Depth is that of the value, if it is a list or map: args and kwargs have 0."""
    match value:
        case None | bool():
            return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
        case int() if value.bit_length() <= MAX_BITS:
            major, n = (0, value) if value >= 0 else (1, -1 - value)
            if n < 1 << 64:
                return head(major, n)
            return head(6, 2 + major) + write(n.to_bytes((n.bit_length() + 7) // 8))
        case float():
            return b"\xfb" + struct.pack(">d", value)
        case str() if not SURROGATE.search(value):
            return head(3, len(data := value.encode())) + data
        case bytes() | bytearray():
            return head(2, len(value)) + value
        case datetime() if times and value.tzinfo:
            since = value - EPOCH
            return head(6, 1) + write(since / SECOND if since % SECOND else since // SECOND)
        case list() | tuple() | dict() if depth > MAX_DEPTH:
            raise Fault("TooLarge", "nest lists and maps less deep")
        case list() | tuple():
            return head(4, len(value)) + b"".join(write(v, depth + 1, times) for v in value)
        case dict() if all(isinstance(k, str) for k in value):
            parts = (part for entry in value.items() for part in entry)
            return head(5, len(value)) + b"".join(write(part, depth + 1, times) for part in parts)
    raise Fault("Unsealable", "no value of the format")


class Reader:
    """Reads values one behind the other. What they take is counted before it is taken."""

    def __init__(self, data, strict=True):
        self.data, self.at, self.strict = data, 0, strict
        self.memory, self.values = max(MEMORY, MEMORY_TIMES * len(data)), MAX_VALUES + 64 * (not strict)

    def take(self, n):
        require(n <= len(self.data) - self.at, "Malformed", "cut short")
        self.at += n
        return self.data[self.at - n:self.at]

    def charge(self, memory, values=0):
        self.memory, self.values = self.memory - memory, self.values - values
        require(self.memory >= 0 and self.values >= 0, "TooLarge", "more values than a record may have")

    def head(self):
        """Major type, additional information, and argument: None if the length is indefinite."""
        start, first = self.at, self.take(1)[0]
        major, info = first >> 5, first & 31
        if info == 31 and 2 <= major <= 5 and not self.strict:
            return major, info, None
        require(info < 28, "Malformed", "an indefinite length, or a head that doesn't exist")
        n = info if info < 24 else int.from_bytes(self.take(1 << info - 24))
        shortest = not self.strict or major == 7 or self.data[start:self.at] == head(major, n)
        require(shortest, "Malformed", "a head longer than needed")
        return major, info, n

    def value(self, depth=0):
        major, info, n = self.head()
        self.charge(0 if major == 7 and info < 24 else VALUE)
        require(major not in (4, 5) or depth <= MAX_DEPTH, "TooLarge", "nested too deep")
        match major:
            case 0 | 1:
                return n if major == 0 else -1 - n
            case 2 | 3:
                return self.string(major, n)
            case 4:
                return [self.value(depth + 1) for _ in self.elements(n, 1, SLOT)]
            case 5:
                return self.map(n, depth)
            case 6:
                return self.tagged(n, depth)
        if info in FLOATS:
            return struct.unpack(FLOATS[info], n.to_bytes(1 << info - 24))[0]
        require(20 <= info <= 22 or info == 23 and not self.strict, "Malformed", "no value of the format")
        return {20: False, 21: True}.get(info)

    def elements(self, n, least, memory, values=1):
        """Goes round for n elements of so many bytes at least; if n is None, for those before the break."""
        require((n or 0) * least <= len(self.data) - self.at, "Malformed", "a length beyond the data")
        for i in count():
            if i == n or n is None and self.data[self.at:self.at + 1] == b"\xff":
                self.at += n is None
                return
            self.charge(memory, values)
            yield

    def string(self, major, n):
        if n is None:
            pieces = []
            for _ in self.elements(n, 1, VALUE + SLOT, 0):
                kind, _, size = self.head()
                require(kind == major and size is not None, "Malformed", "a piece of another type")
                pieces.append(self.string(major, size))
            return ("" if major == 3 else b"").join(pieces)
        data = self.take(n)
        self.charge(4 * n)
        try:
            return data.decode() if major == 3 else data
        except UnicodeDecodeError:
            raise Fault("Malformed", "invalid UTF-8") from None

    def map(self, n, depth):
        result = {}
        for _ in self.elements(n, 2, ENTRY):
            key = self.value(depth + 1)
            require(isinstance(key, str) and key not in result, "Malformed", "a key twice, or no text")
            result[key] = self.value(depth + 1)
        return result

    def tagged(self, tag, depth):
        require(not b"\xc0" <= self.data[self.at:self.at + 1] < b"\xe0", "Malformed", "a tag on a tag")
        value = self.value(depth)
        if tag == 1 and self.strict and type(value) in (int, float):
            require(-62135596800 <= value < 253402300800, "Malformed", "a time beyond the years 1 to 9999")
            return EPOCH + timedelta(seconds=value)
        if tag == 64 and type(value) is bytes and not self.strict:
            return value
        require(tag in (2, 3) and type(value) is bytes, "Malformed", "a tag that isn't taken, or not on this")
        n = int.from_bytes(value)
        fits = len(value) <= MAX_BITS // 8 and (n + tag - 2).bit_length() <= MAX_BITS
        require(fits, "Malformed", "an integer of more than 1024 bits")
        require(not self.strict or value[:1] > b"\0" and n >= 1 << 64, "Malformed", "longer than needed")
        return n if tag == 2 else -1 - n
