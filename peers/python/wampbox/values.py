"""Values in CBOR (FORMAT.md, 5, 12.2 and 13): one writer, and one reader that is strict for our records and liberal for passthru's."""
import struct
from datetime import datetime, timedelta, timezone

MAX_DEPTH, MAX_VALUES, MAX_BITS = 128, 1 << 20, 1024
MEMORY, MEMORY_TIMES = 17825792, 8
LIST, MAP, ENTRY, SLOT, SCALAR = 56, 64, 120, 8, 56  # what CPython takes for each, in bytes
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
FIRST_SECOND, END_SECOND = -62135596800, 253402300800  # years 1 to 9999


class Fault(Exception):
    """Why a message was refused, or not sent: a reason of the list, and what to do about it."""

    def __init__(self, reason, why=""):
        super().__init__(f"{reason}: {why}" if why else reason)
        self.reason = reason


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    size = next(s for s in (1, 2, 4, 8) if n < 1 << 8 * s)
    return bytes([major << 5 | 23 + size.bit_length()]) + n.to_bytes(size, "big")


def write(value, depth=0, times=True):
    """The value in CBOR. Depth is that of the value, if it is a list or map: args and kwargs have 0."""
    match value:
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return write_int(value)
        case float():
            return b"\xfb" + struct.pack(">d", value)
        case str():
            return head(3, len(data := utf8(value))) + data
        case bytes() | bytearray() | memoryview():
            return head(2, len(data := bytes(value))) + data
        case datetime() if times and value.tzinfo:
            return b"\xc1" + write(seconds(value))
        case list() | tuple() | dict() if depth > MAX_DEPTH:
            raise Fault("TooLarge", "nest lists and maps less deep")
        case list() | tuple():
            return head(4, len(value)) + b"".join(write(v, depth + 1, times) for v in value)
        case dict() if all(isinstance(k, str) for k in value):
            return head(5, len(value)) + b"".join(write(k) + write(v, depth + 1, times) for k, v in value.items())
    raise Fault("Unsealable", f"{type(value).__name__} is no value of the format, or a map has a key that isn't text")


def write_int(value):
    if value.bit_length() > MAX_BITS:
        raise Fault("Unsealable", "integers have 1024 bits at most")
    major, n = (0, value) if value >= 0 else (1, -1 - value)
    if n < 1 << 64:
        return head(major, n)
    data = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([0xC2 + major]) + head(2, len(data)) + data


def utf8(text):
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Fault("Unsealable", "text has half of a surrogate pair") from None


def seconds(time):
    since = time - EPOCH
    return since / timedelta(seconds=1) if since.microseconds else since // timedelta(seconds=1)


def instant(number):
    if not FIRST_SECOND <= number < END_SECOND:  # NaN isn't in it either
        raise Fault("Malformed", "a time beyond the years 1 to 9999")
    whole = int(number // 1)
    return EPOCH + timedelta(seconds=whole, microseconds=min(round((number - whole) * 10**6), 10**6))


class Reader:
    """Reads values one behind the other, and counts what they take before it takes it."""

    def __init__(self, data, strict=True):
        self.data, self.at, self.strict = data, 0, strict
        self.values = self.memory = 0
        self.memory_limit = max(MEMORY, MEMORY_TIMES * len(data))

    def take(self, n):
        if n > len(self.data) - self.at:
            raise Fault("Malformed", "cut short")
        self.at += n
        return self.data[self.at - n:self.at]

    def charge(self, memory, values=0):
        self.memory += memory
        self.values += values
        if self.memory > self.memory_limit or self.values > MAX_VALUES + 64 * (not self.strict):
            raise Fault("TooLarge", "more values than a record may have")

    def head(self, strict=None):
        """Major type, additional information and argument; None is the argument of what is indefinite."""
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if info < 24:
            return major, info, info
        if info == 31 and not self.strict and major in (2, 3, 4, 5):
            return major, info, None
        if info > 27:
            raise Fault("Malformed", "a head that doesn't exist, or an indefinite length")
        size = 1 << info - 24
        n = int.from_bytes(self.take(size), "big")
        longer = n < (24 if size == 1 else 1 << 4 * size)
        if longer and major != 7 and (self.strict if strict is None else strict):
            raise Fault("Malformed", "a head longer than needed")
        return major, info, n

    def value(self, depth=0):
        major, info, n = self.head()
        match major:
            case 0 | 1:
                self.charge(SCALAR)
                return n if major == 0 else -1 - n
            case 2 | 3:
                return self.string(major, n)
            case 4 | 5 if depth > MAX_DEPTH:
                raise Fault("TooLarge", "nested too deep")
            case 4:
                self.charge(LIST)
                return [self.value(depth + 1) for _ in self.elements(n, 1, SLOT)]
            case 5:
                return self.map(n, depth)
            case 6:
                return self.tagged(n)
        return self.simple(info, n)

    def elements(self, n, least, memory):
        if n is not None and n * least > len(self.data) - self.at:
            raise Fault("Malformed", "a declared length beyond the data")
        if n is not None:
            self.charge(n * memory, n)
            yield from range(n)
            return
        while not self.broken():
            self.charge(memory, 1)
            yield

    def broken(self):
        if self.data[self.at:self.at + 1] != b"\xff":
            return False
        self.at += 1
        return True

    def string(self, major, n):
        if n is None:
            pieces = []
            while not self.broken():
                kind, _, size = self.head()
                if kind != major or size is None:
                    raise Fault("Malformed", "a piece of another type")
                self.charge(SLOT)
                pieces.append(self.string(major, size))
            return ("" if major == 3 else b"").join(pieces)
        data = self.take(n)
        self.charge(SCALAR + n * (4 if major == 3 else 1))
        try:
            return data.decode() if major == 3 else bytes(data)
        except UnicodeDecodeError:
            raise Fault("Malformed", "invalid UTF-8") from None

    def map(self, n, depth):
        self.charge(MAP)
        result = {}
        for _ in self.elements(n, 2, ENTRY):
            major, _, size = self.head()
            if major != 3:
                raise Fault("Malformed", "a key that isn't text")
            key = self.string(3, size)
            if key in result:
                raise Fault("Malformed", "a key that stands twice")
            result[key] = self.value(depth + 1)
        return result

    def tagged(self, tag):
        major, info, n = self.head()
        if tag == 1 and self.strict and (major < 2 or major == 7 and 25 <= info <= 27):
            self.charge(SCALAR)
            return instant(n if major == 0 else -1 - n if major == 1 else self.simple(info, n))
        if tag in (2, 3) and major == 2:
            return self.bignum(tag, self.string(2, n))
        if tag == 64 and major == 2 and not self.strict:
            return self.string(2, n)
        raise Fault("Malformed", "a tag that isn't taken, or not on this")

    def bignum(self, tag, data):
        n = int.from_bytes(data, "big")
        value = n if tag == 2 else -1 - n
        if len(data) > MAX_BITS // 8 or value.bit_length() > MAX_BITS:
            raise Fault("Malformed", "an integer of more than 1024 bits")
        if self.strict and (data[:1] == b"\0" or n < 1 << 64):
            raise Fault("Malformed", "an integer longer than needed")
        return value

    def simple(self, info, n):
        if info in (20, 21, 22):
            return (False, True, None)[info - 20]
        if info == 23 and not self.strict:
            return None
        if not 25 <= info <= 27:
            raise Fault("Malformed", "undefined, or another simple value")
        self.charge(SCALAR)
        size = 1 << info - 24
        return struct.unpack({2: ">e", 4: ">f", 8: ">d"}[size], n.to_bytes(size, "big"))[0]
