"""Random records and random changes: nothing but Fault is raised, and what is read can be written in one way only."""
import random
from datetime import datetime, timedelta, timezone

import cbor2
import pytest

from wampbox.cbor import MAX_DEPTH, MAX_VALUES, Fault, Reader, write
from wampbox.record import MAX_RECORD, read_foreign, read_record, write_foreign, write_record
from wampbox.vectors.check import same


def random_value(r, depth=0):
    kind = r.randrange(12 if depth < 4 else 9)
    return [lambda: None, lambda: r.random() < .5, lambda: r.getrandbits(r.randrange(1, 70)), lambda: -r.getrandbits(r.randrange(1, 70)),
            lambda: r.getrandbits(r.randrange(1, 1024)), lambda: r.uniform(-1e9, 1e9), lambda: r.choice(["", "é", "𝄞" * 40]),
            lambda: r.randbytes(r.randrange(30)),
            lambda: datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=r.getrandbits(40)),
            lambda: [random_value(r, depth + 1) for _ in range(r.randrange(4))],
            lambda: {f"k{i}": random_value(r, depth + 1) for i in range(r.randrange(4))},
            lambda: [random_value(r, depth + 1) for _ in range(30)]][kind]()


def record(r, **changes):
    return {"kind": 2, "realm": "realm1", "uri": "com.x", "from": r.randbytes(16), "n": r.randrange(1, 1 << 64), "ts": r.getrandbits(63),
            "re": r.choice([None, r.randbytes(24)]), "seq": r.getrandbits(64), "flags": 0,
            "args": [random_value(r)], "kwargs": {"a": random_value(r)}} | changes


def values_without_floats(r):
    return record(r, args=[r.getrandbits(70), "é", b"x", None, {"b": [True], "a": -1}], kwargs=None)


def test_written_as_cbor2_has_it():
    r = random.Random(1)
    for _ in range(300):
        value = record(r)
        data = write_record(value)
        items = cbor2.loads(data)
        assert same(list(read_record(data).values()), items) and read_record(data).keys() == value.keys()


def test_mutated_records_are_refused_or_written_so():
    r = random.Random(2)
    taken = 0
    for _ in range(5_000):
        data = bytearray(write_record(values_without_floats(r)))
        for _ in range(r.randrange(1, 4)):
            at = r.randrange(len(data))
            match r.randrange(4):
                case 0:
                    data[at] = r.randrange(256)
                case 1:
                    data[at] ^= 1 << r.randrange(8)
                case 2:
                    del data[at]
                case 3:
                    data.insert(at, r.randrange(256))
        try:
            got = read_record(bytes(data))
        except Fault as fault:
            assert fault.reason in ("Malformed", "TooLarge")
            continue
        taken += 1
        if data[0] == 0x8B and not any(isinstance(v, (float, datetime)) for v in flat(got)):
            assert write_record(got) == data
    assert taken > 250


def flat(value):
    yield value
    for v in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from flat(v)


@pytest.mark.parametrize("dialect", ["autobahn", "passthru"])
def test_mutated_foreign_records_raise_faults_alone(dialect):
    r = random.Random(3)
    for _ in range(5_000):
        data = bytearray(write_foreign(dialect, "com.x", [1, "é\n", b"xy", 1.5, None, {"a": [True]}], {"b": -(1 << 70)}))
        for _ in range(r.randrange(1, 5)):
            data[r.randrange(len(data))] = r.randrange(256)
        try:
            read_foreign(dialect, bytes(data))
        except Fault as fault:
            assert fault.reason in ("Malformed", "TooLarge")


def test_noise():
    r = random.Random(4)
    for _ in range(5_000):
        for strict in (True, False):
            try:
                Reader(r.randbytes(r.randrange(1, 40)), strict).value()
            except Fault as fault:
                assert fault.reason in ("Malformed", "TooLarge")


def raw(args):
    base = write_record(record(random.Random(5), args=None, kwargs=None))
    return base[:-2] + args + b"\xf6"


def test_limits_of_a_record():
    nulls = lambda n: b"\x9a" + n.to_bytes(4, "big") + b"\xf6" * n
    assert len(read_record(raw(nulls(MAX_VALUES)))["args"]) == MAX_VALUES
    rows = [[1, 2]] * 40_000
    assert read_record(raw(write(rows)))["args"] == rows
    text = "x" * (MAX_RECORD - 200)
    assert read_record(raw(write([text])))["args"] == [text]
    for args in (nulls(MAX_VALUES + 65), b"\x9a\0\2\x49\xf0" + b"\xa1\x60\xf6" * 150_000, b"\x9a\0\x0f\0\0" + b"\x80" * 0xF0000):
        with pytest.raises(Fault, match="TooLarge"):
            read_record(raw(args))
    with pytest.raises(Fault, match="TooLarge"):
        read_record(raw(write([b"x" * MAX_RECORD])))


@pytest.mark.parametrize("value", [{1: 2}, object(), {1, 2}, "\ud800", {"\ud800": 1}, 1 << 1024, -(1 << 1024), datetime(2026, 1, 1)])
def test_unsealable(value):
    for dialect in ("autobahn", "passthru"):
        with pytest.raises(Fault, match="Unsealable"):
            write_foreign(dialect, "com.x", [value], None)
    with pytest.raises(Fault, match="Unsealable"):
        write_record(record(random.Random(6), args=[value]))


def test_too_large_to_seal():
    deep = [[]]
    for _ in range(MAX_DEPTH):
        deep = [deep]
    endless = []
    endless.append({"": endless})
    for args in (deep, endless, [{"": 0}] * 150_000, [0] * (MAX_VALUES + 65), ["x" * MAX_RECORD]):
        with pytest.raises(Fault, match="TooLarge"):
            write_record(record(random.Random(7), args=args))
    for args in (deep, endless, [{"": 0}] * 150_000):
        for dialect in ("autobahn", "passthru"):
            with pytest.raises(Fault, match="TooLarge"):
                write_foreign(dialect, "com.x", args, None)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), datetime.now(timezone.utc), "\0x", "\0eA==", {"\0": 1}])
def test_what_json_cannot_hold(value):
    with pytest.raises(Fault, match="Unsealable"):
        write_foreign("autobahn", "com.x", [value], None)
