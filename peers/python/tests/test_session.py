"""Two Sessions, one that seals and one that opens, and the rules that vectors can't show."""
import pytest

from wampbox import Fault, Key, Ring, Session, Version
from wampbox.memory import SENDERS, TOKENS, Memory, Tokens
from wampbox.session import NO_CODEC

NOW = 1767225600123
A, B, S = b"\1" * 32, b"\2" * 32, b"\3" * 32


def public(private):
    from nacl.bindings import crypto_scalarmult_base
    return crypto_scalarmult_base(private)


def both(private):
    return Key.pair("originator", private, public(private), 0, "autobahn")


def keys(kind):
    """The originator's key and the responder's."""
    if kind in ("shared", "aes", "secretbox shared"):
        key = {"shared": lambda: Key.shared(S), "aes": lambda: Key.shared(S, "passthru", "id", "aes256gcm"),
               "secretbox shared": lambda: Key.shared(S, "passthru", "id")}[kind]()
        return key, key
    if kind == "both":
        return both(A), both(A)
    how = {"box": (1, "wampbox"), "xbox": (2, "wampbox"), "autobahn": (0, "autobahn"), "secretbox": (0, "passthru", "id")}[kind]
    return Key.pair("originator", A, public(B), *how), Key.pair("responder", B, public(A), *how)


KINDS = ("box", "xbox", "shared", "autobahn", "both", "secretbox", "secretbox shared", "aes")


class World:
    """An originator and a responder, with clocks that stand until they are set."""

    def __init__(self, kind="box", **more):
        self.now, self.ticks = NOW, 0
        self.rings = Ring(), Ring()
        for ring, key in zip(self.rings, keys(kind)):
            ring.set("com.x.", "prefix", key)
            ring.set("com.plain", "exact")
        self.o, self.r = (Session(ring, "realm1", clock=lambda: self.now, ticks=lambda: self.ticks, **more) for ring in self.rings)
        self.wanted = self.r.register("com.x.p")
        self.requests = 0

    def event(self, message, wanted=None, **details):
        wanted = wanted or self.r.subscribe(message[3])
        of = {k: v for k, v in message[2].items() if k[:4] in ("enc_", "ppt_")}
        return self.r.receive(wanted, [36, 1, 2, of | details, *message[4:]])

    def invoke(self, message, request=None, wanted=None, **details):
        of = {k: v for k, v in message[2].items() if k[:4] in ("enc_", "ppt_") or k == "progress"}
        return self.r.receive(wanted or self.wanted, [68, request or message[1], 1, of | details, *message[4:]])

    def answered(self, call, message):
        if message[0] == 8:
            return self.o.receive(call, [8, 48, call.request, *message[3:]])
        return self.o.receive(call, [50, call.request, *message[2:]])


@pytest.mark.parametrize("kind", KINDS)
def test_all_of_a_dialect(kind):
    w = World(kind)
    args, kwargs = [1, "é", b"\0\1", 2.5, None], {"a": [True]}
    got = w.event(w.o.publish("com.x.t", args, kwargs)).record
    assert (got["args"], got["kwargs"], got["uri"]) == (args, kwargs, "com.x.t")
    call, message = w.o.call("com.x.p", args, None, {"progress": True})
    first = w.invoke(message)
    assert first.record["args"] == args and first.exchange.more
    assert w.invoke(w.o.chunk(call, ["last"])).record["args"] == ["last"]
    for n in range(3):
        assert w.answered(call, w.r.answer(first.exchange, [n], None, True)).record["args"] == [n]
    assert w.answered(call, w.r.answer(first.exchange, ["end"])).record["args"] == ["end"]
    assert not w.r.invocations
    call, message = w.o.call("com.x.p", request=2)
    failed = w.r.fail(w.invoke(message).exchange, "com.x.error", [1])
    assert w.answered(call, failed).record["uri"] == "com.x.error"
    assert failed[4] == ("wampbox.error" if kind in ("box", "xbox", "shared") else "com.x.error")


def test_padding():
    w = World(pad=lambda least: 500)
    assert len(w.o.publish("com.x.t", ["x"])[5]["enc"]) == 557
    assert w.event(w.o.publish("com.x.t", ["x"])).record["args"] == ["x"]


def test_nothing_is_sent_without_a_key():
    w = World()
    for what, reason in ((lambda: w.o.publish("com.y"), "NoKey"), (lambda: w.o.call("com.y"), "NoKey"), (lambda: w.o.publish(""), "NoKey"),
                         (lambda: w.r.publish("com.x.t"), "WrongRole"), (lambda: w.o.publish("wampbox.error"), "ReservedOption"),
                         (lambda: w.o.publish("com.plain", [], {"enc": 1}), "ReservedOption"),
                         (lambda: w.o.publish("com.x.t", [object()]), "Unsealable"),
                         (lambda: w.o.publish("com.plain", [], {}, {"ppt_scheme": "x"}), "ReservedOption"),
                         (lambda: w.o.call("wamp.session.add_testament", ["com.x.t", [], {}]), "NoKey")):
        with pytest.raises(Fault, match=reason):
            what()
    assert w.o.publish("com.plain", [1]) == [16, 1, {}, "com.plain", [1], {}]


def test_flags_seq_and_missed():
    w = World()
    wanted = w.r.subscribe("com.x.", "prefix")
    send = lambda options=None, topic="com.x.t": w.o.publish(topic, [], {}, options)
    look = lambda message: w.event(message, wanted, topic=message[3])
    first = look(send())
    assert (first.record["seq"], first.record["flags"], first.missed) == (0, 0, 0)
    send(), send()
    assert look(send()).missed == 2
    uncounted = look(send({"eligible": []}))
    assert uncounted.record["seq"] is None and uncounted.missed == 0
    assert look(send()).missed == 0 and look(send(topic="com.x.u")).record["seq"] == 0
    assert look(send({"exclude_me": False, "retain": True})).record["flags"] == 3
    assert look(send({"exclude_me": 0, "retain": 1})).record["flags"] == 0


def test_refusals_tell_the_reason_and_then_no_more():
    w = World("xbox")
    told = 0
    for n in range(20):
        w.now = NOW - 40_000
        call, message = w.o.call("com.x.p", request=n + 1)
        w.now = NOW
        refused = w.invoke(message)
        assert refused.reason == "Stale" and len(refused.answer[6]["enc"]) == 256
        outcome = w.answered(call, refused.answer)
        assert outcome.refused
        told += outcome.refusal == {"reason": "Stale", "clock": NOW}
    assert told == 16
    w.ticks += 1000
    assert w.r._may_tell()


def test_refusals_of_what_did_not_open_are_random():
    w = World("xbox")
    call, message = w.o.call("com.x.p")
    payload = message[5]["enc"]
    message[5] = {"enc": payload[:-1] + bytes([payload[-1] ^ 1])}
    answer = w.invoke(message).answer
    assert answer[6]["enc"][:17] == payload[:17] and w.answered(call, answer).refused and not w.answered(call, answer).refusal
    no_payload = w.invoke([48, 9, {}, "com.x.p", [], {"enc": 7}]).answer[6]["enc"]
    assert len(no_payload) == 256 and no_payload[0] == 1 and no_payload[1:17] != payload[1:17]


def test_a_later_chunk_that_is_plain_hears_the_reason():
    w = World()
    call, message = w.o.call("com.x.p", options={"progress": True})
    w.invoke(message)
    refused = w.invoke([48, 1, {}, "com.x.p", ["plain"]])
    assert refused.reason == "Plaintext" and w.answered(call, refused.answer).refusal["reason"] == "Plaintext"


def test_nothing_comes_behind_the_last_chunk():
    w = World()
    call, message = w.o.call("com.x.p", options={"progress": True})
    w.invoke(message)
    assert w.invoke(w.o.chunk(call)).record
    assert w.invoke(w.o.chunk(call)).reason == "WrongRequest"
    assert w.invoke(w.o.call("com.x.p")[1]).record  # the refusal was the end of it


def test_a_version_of_the_other_role():
    w = World()
    theirs = Key.pair("originator", B, public(A))
    w.rings[0].set("com.r", "exact", Key.pair("originator", A, public(B)))
    w.rings[1].set("com.r", "exact", theirs, Key.pair("responder", S, public(A)))
    payload = w.o.publish("com.r")[5]["enc"]
    named = theirs.begins + payload[17:]
    assert w.event([16, 1, {}, "com.r", [], {"enc": named}]).reason == "WrongRole"
    assert w.event([16, 1, {}, "com.r", [], {"enc": payload}]).reason == "NotOpened"


def test_what_came_before_the_memory_was_born():
    w = World()
    wanted, message = w.r.subscribe("com.x.t"), w.o.publish("com.x.t")
    w.ticks, w.now = 30_001, NOW + 30_001
    born_later = Session(w.rings[1], "realm1", clock=lambda: w.now, ticks=lambda: w.ticks)
    event = [36, 1, 2, {}, *message[4:]]
    assert born_later.receive(wanted, event).reason == "Stale" and w.r.receive(wanted, event).record


def test_versions():
    w = World()
    old, new = (Key.shared(bytes([n]) * 32) for n in (7, 8))
    versions = [Version(old, 0, NOW + 1000), Version(new, NOW + 500)]
    for ring in w.rings:
        ring.set("com.v.", "prefix", *versions)
    before = w.o.publish("com.v.t")
    assert before[5]["enc"][1:17] == old.id
    call, message = w.o.call("com.v.p", options={"progress": True})
    wanted = w.r.register("com.v.p")
    first = w.invoke(message, wanted=wanted)
    w.now = NOW + 600
    assert w.o.publish("com.v.t")[5]["enc"][1:17] == new.id and w.event(before).record
    w.now = NOW + 1001
    assert w.event(w.o.publish("com.v.t")).record and w.event(before).reason == "NotOpened"
    assert w.invoke(w.o.chunk(call, options={"progress": True}), wanted=wanted).record  # an exchange keeps its version
    versions[0].revoked = True
    with pytest.raises(Fault, match="NoKey"):
        w.o.chunk(call)
    failed = w.r.answer(first.exchange, [1])
    assert failed[4] == "wampbox.error" and len(failed[6]["enc"]) == 256
    assert w.answered(call, failed).reason == "NotOpened"
    versions[1].revoked = True
    with pytest.raises(Fault, match="NoKey"):
        w.o.publish("com.v.t")


def test_transition():
    w = World()
    for ring, key in zip(w.rings, keys("box")):
        ring.set("com.t", "exact", key, until=NOW + 10, send_plain=True)
    plain = w.o.publish("com.t", ["p"])
    assert plain[4] == ["p"] and w.event(plain).plain == [["p"], {}]
    w.now = NOW + 10
    assert w.event(plain).reason == "Plaintext" and w.event(w.o.publish("com.t")).record


def test_ring():
    ring, one, two = Ring(), Key.shared(S), Key.shared(A)
    ring.set("", "prefix", one)
    ring.set("com.", "prefix")
    ring.set("com.a.", "prefix", two)
    ring.set("com..x", "wildcard", two)
    ring.set("org..x", "wildcard", two)
    found = lambda uri: (ring.find(uri)[0], [v.key for v in ring.find(uri)[1].versions])
    assert found("net.x") == ("keyed", [one]) and found("com.b") == ("plain", []) and found("com.a.x") == ("keyed", [two])
    assert found("com.b.x") == ("plain", []) and found("org.b.x") == ("keyed", [two]) and found("org.b.y") == ("keyed", [one])
    assert found("wamp.x") == ("plain", []) and found("wampbox.error.x") == found("") == ("closed", [])
    ring.set("wamp.", "prefix", one)
    assert found("wamp.x") == ("keyed", [one])
    with pytest.raises(ValueError):
        ring.set("com.b.", "wildcard")
    ring.set("com.b.y", "wildcard")


def test_since_moves_with_the_clock():
    w = World()
    wanted = w.r.subscribe("com.x.t")
    w.ticks += 60_000
    w.now = NOW - 100_000  # the clock was set back; the subscription began 60 s before now
    assert w.event(w.o.publish("com.x.t"), wanted).record
    w.now -= 60_000 + 30_001
    old = w.o.publish("com.x.t")
    w.now += 60_000 + 30_001
    assert w.event(old, wanted).reason == "Stale"


@pytest.mark.parametrize("clock", [0, 3_600_000, -3_600_000])
def test_times_of_answers(clock):
    def answer(sealed, waited=0):
        """What becomes of the answer to a call, which was sealed so long after that and came so much later."""
        w = World()
        call, message = w.o.call("com.x.p")
        exchange = w.invoke(message).exchange
        w.now = NOW + sealed
        message = w.r.answer(exchange)
        w.ticks, w.now = waited, NOW + clock  # the caller's clock was set
        return w.answered(call, message).reason
    assert answer(0, 300_000) is answer(-10**9, 300_000) is answer(10**9, 300_000) is answer(10**9, 10**6) is None
    assert answer(10**6, 10**6) is answer(10**6 - 300_000, 10**6) is None
    assert answer(10**6 - 300_001, 10**6) == answer(0, 300_001) == "Stale"


def test_a_late_event_does_not_come_live_behind_a_clock_that_was_set_back():
    w = World()
    wanted = w.r.subscribe("com.x.t", get_retained=True)
    message = w.o.publish("com.x.t", options={"retain": True})
    w.now = NOW + 400_000
    assert w.event(message, wanted, retained=True).record
    w.now = NOW
    assert w.event(message, wanted).reason == "Replayed"


def test_memory_forgets_the_silent_and_raises_the_floor():
    memory = Memory(330_000)
    for n in range(SENDERS + 1):
        memory.note(("s", b"k"), n, 1, NOW + n, NOW)
    assert len(memory.windows) == SENDERS
    memory.check(("s", b"k"), 1, 2, NOW)  # known before the floor rose
    for sender in (0, "new"):
        with pytest.raises(Fault, match="Stale"):
            memory.check(("s", b"k"), sender, 1, NOW)
        memory.check(("s", b"k"), sender, 1, NOW + 1)
    memory.check(("s", b"other"), "new", 1, NOW)
    memory.note(("s", b"k"), "late", 1, NOW + 600_000, NOW + 600_000)
    assert len(memory.windows) == 1


def test_tokens_forget_the_oldest():
    tokens = Tokens()
    for n in range(TOKENS + 1):
        tokens.note_new(n, NOW + n)
    with pytest.raises(Fault, match="Stale"):
        tokens.note_new(0, NOW, late=True)
    with pytest.raises(Fault, match="Replayed"):
        tokens.note_new(1, NOW)
    tokens.note_new(0, NOW + 1, late=True)


def test_errors_of_plain_calls():
    w = World("autobahn")
    call, message = w.o.call("com.plain", ["x"])
    exchange = w.invoke(message, wanted=w.r.register("com.plain")).exchange
    sealed = w.r.fail(exchange, "com.x.error", ["secret"])
    assert sealed[3]["enc_algo"] == "cryptobox" and w.answered(call, sealed).record["args"] == ["secret"]
    assert w.r.fail(exchange, "com.plain", ["open"])[5] == ["open"]
    assert w.r.fail(exchange, "wampbox.error.x", ["no"])[4:] == ["wamp.error.runtime_error", [], {}]
    ours = World("box")
    assert ours.r.fail(exchange, "com.x.error", ["secret"])[4:] == ["com.x.error"]


def test_a_result_that_cannot_be_sealed_becomes_an_error():
    for kind in ("box", "autobahn"):
        w = World(kind)
        call, message = w.o.call("com.x.p")
        outcome = w.answered(call, w.r.answer(w.invoke(message).exchange, [object()]))
        assert (outcome.record or {}).get("uri") == "wamp.error.runtime_error" or outcome.plain == []


def test_versions_are_tried_where_no_id_is_sent():
    w = World("autobahn")
    pairs = [keys("autobahn"), (both(b"\5" * 32),) * 2]
    w.rings[0].set("com.m", "exact", pairs[0][0])
    w.rings[1].set("com.m", "exact", Version(pairs[0][1]), Version(pairs[1][1], 1))
    assert w.event(w.o.publish("com.m", [1])).record["args"] == [1]
    w.rings[1].set("com.m", "exact", Version(pairs[0][1]), *(Version(both(bytes([n]) * 32), n) for n in range(1, 9)))
    assert w.event(w.o.publish("com.m", [1])).reason == "NotOpened"  # the ninth isn't tried


def test_sealed_calls_of_unknown_procedures():
    w = World("autobahn")
    _, message = w.o.call("com.x.p")
    assert w.invoke(message, wanted=w.r.register("com.plain")).answer[4] == NO_CODEC


@pytest.mark.parametrize("make",
                         [lambda: Key.shared(bytes(32)), lambda: Key.pair("originator", bytes(32), public(A)),
                          lambda: Key.pair("originator", A, bytes(32)),
                                  lambda: Key.pair("originator", A, b"\1" + bytes(31)), lambda: Key.pair("originator", bytes(32), public(A), 0, "autobahn"),
                                  lambda: Key.shared(A, "passthru", ""),
                                  lambda: Key.shared(A, "passthru", "a\n"), lambda: Key.shared(A, "passthru", "é" * 129),
                                  lambda: Key.shared(A[:31])])
def test_weak_keys_and_ids(make):
    with pytest.raises(ValueError):
        make()
