"""Suites 4 and 5: HPKE against its own vectors, keys, and two Sessions of parties that hold different halves."""
import hashlib
import json
import pathlib

import pytest

from wampbox import Fault, Key, Ring, Session, SignedKey, Version
from wampbox.memory import SIGNER_SENDERS, Retained, SignedMemory
from wampbox.session import CONTEXTS
from wampbox.signed import HOUR, KEMS, Exporter, X25519, XWing, check_verify_key, verify_key

from test_session import NOW, World

HERE = pathlib.Path(__file__).parent
HPKE = json.loads((HERE / "data" / "hpke.json").read_text())["vectors"]
SEED = {name: hashlib.sha256(name.encode()).digest() for name in ("alice", "anew", "dave", "bob", "erin", "carol", "read")}
VERIFY = {name: verify_key(SEED[name]) for name in SEED}
SENDERS, ANSWERERS = {VERIFY["alice"]: "alice", VERIFY["anew"]: "alice", VERIFY["dave"]: "dave"}, {VERIFY["bob"]: "bob"}


@pytest.mark.parametrize("v", HPKE, ids=lambda v: f"{v['kem_id']:x}-{v['aead_id']:x}")
def test_hpke(v):
    private, public, sent, info = (bytes.fromhex(v[name]) for name in ("skRm", "pkRm", "enc", "info"))
    kem = {0x20: X25519, 0x647A: XWing}[v["kem_id"]]
    assert kem.public(private) == public and len(sent) == kem.sent
    shared = kem.decapsulate(private, sent)
    context = Exporter(kem.kem, shared, info, v["aead_id"])
    if "exports" in v:
        assert shared.hex() == v["shared_secret"] and context.secret.hex() == v["exporter_secret"]
        for e in v["exports"]:
            assert context.export(bytes.fromhex(e["exporter_context"]), e["L"]).hex() == e["exported_value"]
        return
    stream, at, exports = hashlib.shake_128().digest(1 << 19), 0, b""
    for size in range(1000):
        length, at = stream[at], at + 1
        exports += context.export(stream[at:at + length], size)
        at += length
    assert hashlib.shake_128(exports).hexdigest(16) == v["exports_accumulated"]


@pytest.mark.parametrize("suite", [4, 5])
def test_encapsulation(suite):
    kem = KEMS[suite]
    sent, shared = kem.encapsulate(kem.public(SEED["read"]), lambda n: b"\7" * n)
    assert len(sent) == kem.sent and kem.decapsulate(SEED["read"], sent) == shared
    assert kem.decapsulate(SEED["alice"], sent) != shared


def keys(suite=4, by="alice", answers="bob", **more):
    """What an originator has, and a responder."""
    public = KEMS[suite].public(SEED["read"])
    answerers = {} if more.get("any_answerer") else ANSWERERS
    return (SignedKey(suite, SEED[by], public, answerers=dict(answerers), **more),
            SignedKey(suite, answers and SEED[answers], read=SEED["read"], senders=dict(SENDERS),
                      signed_once=more.get("signed_once", False)))


def world(*args, pad=None, **more):
    w = World(pad=pad or (lambda least: least))
    for ring, key in zip(w.rings, keys(*args, **more)):
        ring.set("com.x.", "prefix", key)
    return w


@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize("suite", [4, 5])
def test_all(suite, once):
    w = world(suite, signed_once=once)
    got = w.event(w.o.publish("com.x.t", ["é"]))
    assert (got.record["args"], got.sender) == (["é"], "alice")
    call, message = w.o.call("com.x.p", ["first"], None, {"progress": True})
    first = w.invoke(message)
    assert first.sender == "alice" and call.token == first.exchange.token != message[5]["enc"][-40:][:24]
    last = w.o.chunk(call, ["last"])
    assert last[5]["enc"][17:17 + KEMS[suite].sent] == message[5]["enc"][17:17 + KEMS[suite].sent]
    assert w.invoke(last).record["args"] == ["last"]
    for n in range(3):
        got = w.answered(call, w.r.answer(first.exchange, [n], None, True))
        assert (got.record["args"], got.sender) == ([n], "bob")
    assert w.answered(call, w.r.answer(first.exchange, ["end"])).record["args"] == ["end"]
    call, message = w.o.call("com.x.p", request=2)
    failed = w.r.fail(w.invoke(message).exchange, "com.x.error", [1])
    assert failed[4] == "wampbox.error" and w.answered(call, failed).record["uri"] == "com.x.error"
    assert len(w.o.contexts) == 1 and len(w.r.joined) == 1
    with pytest.raises(Fault, match="WrongRole"):
        w.r.publish("com.x.t")


def test_forms():
    """The form is the first byte of what is sealed."""
    def form(w, direction, enc):
        key = w.rings[1].find("com.x.p")[1].versions[0].key
        return key.plaintext(direction, enc, next(iter(w.r.joined.values())))[0]
    for once, answers, events, calls, results, refusals in ((False, "bob", 1, 1, 1, 1), (True, "bob", 1, 2, 2, 1),
                                                            (True, None, 1, 2, 0, 0)):
        w = world(answers=answers, signed_once=once, any_answerer=answers is None)
        event, (call, message) = w.o.publish("com.x.t"), w.o.call("com.x.p")
        served = w.invoke(message).exchange
        assert form(w, 1, event[5]["enc"]) == events and form(w, 1, message[5]["enc"]) == calls
        answer = w.r.answer(served)
        assert form(w, 2, answer[4]["enc"]) == results and w.answered(call, answer).record
        refusal = w.r._refuse(served, "Stale")
        assert form(w, 2, refusal[6]["enc"]) == refusals and len(refusal[6]["enc"]) == 256
        assert w.answered(call, refusal).refusal["reason"] == "Stale"


def test_who_seals_cannot_open_and_who_reads_cannot_seal():
    w = world()
    with pytest.raises(Fault, match="WrongRole"):
        w.r.call("com.x.p")
    assert w.event(w.o.publish("com.x.t")).record
    theirs = w.o.receive(w.o.subscribe("com.x.t"), [36, 1, 2, {}, *w.o.publish("com.x.t")[4:]])
    assert theirs.reason == "WrongRole"


def test_a_context_is_for_an_hour_and_an_exchange_keeps_its_own():
    w = world()
    sent = lambda message: message[5]["enc"][17:49]
    one = w.o.publish("com.x.t")
    call, message = w.o.call("com.x.p", options={"progress": True})
    w.invoke(message)
    w.now, w.ticks = w.now + HOUR - 1, w.ticks + HOUR - 1
    assert sent(w.o.publish("com.x.t")) == sent(one) == sent(message)
    w.now, w.ticks = w.now + 1, w.ticks + 1
    other = w.o.publish("com.x.t")
    assert sent(other) != sent(one) and w.event(other).record
    last = w.o.chunk(call)
    assert sent(last) == sent(one) and w.invoke(last).record


def test_signed_once_is_signed_again_behind_its_hour():
    w = world(signed_once=True)
    call, message = w.o.call("com.x.p", options={"progress": True})
    w.invoke(message)
    for passed in (HOUR - 60_001, 60_001 + HOUR):
        w.now, w.ticks = w.now + passed, w.ticks + passed
        assert w.invoke(w.o.chunk(call, options={"progress": True})).record
    assert len(w.o.contexts) == 1


def test_a_call_needs_somebody_who_may_answer():
    w = world()
    w.rings[0].find("com.x.p")[1].versions[0].key.answerers.clear()
    with pytest.raises(Fault, match="WrongRole"):
        w.o.call("com.x.p")
    assert w.o.publish("com.x.t")


def test_membership_counts_in_running_exchanges():
    w = world()
    call, message = w.o.call("com.x.p", options={"progress": True})
    served = w.invoke(message).exchange
    assert w.answered(call, w.r.answer(served, [1], None, True)).record
    entry = w.rings[1].find("com.x.p")[1]
    key = keys()[1]
    del key.senders[VERIFY["alice"]]
    w.rings[1].set("com.x.", "prefix", key)  # a version of the same id takes the place of the one that began it
    refused = w.invoke(w.o.chunk(call))
    assert refused.reason == "WrongSender" and w.answered(call, refused.answer).refusal is None
    w.rings[1].set("com.x.", "prefix", *entry.versions)
    w.rings[0].find("com.x.p")[1].versions[0].key.answerers.clear()
    assert w.answered(call, w.r.answer(served, [2], None, True)).reason == "WrongSender"


def test_refusals_behind_a_wrong_sender_tell_nothing():
    w = world(by="carol")
    call, message = w.o.call("com.x.p")
    refused = w.invoke(message)
    assert refused.reason == "WrongSender" and not w.r.joined and not w.r.signed_memory.memories
    outcome = w.answered(call, refused.answer)
    assert outcome.refused and outcome.refusal is None and refused.answer[6]["enc"][:17] == message[5]["enc"][:17]


def test_answers_are_for_the_caller_alone():
    """A reader that calls has the answer to its own call, and seals it again as that to another's."""
    w = world()
    theirs, victims = (w.o.call("com.x.p", request=n) for n in (1, 2))
    answer = w.r.answer(w.invoke(theirs[1]).exchange, ["theirs"])
    key = keys()[1]
    enc, context = answer[4]["enc"], key.join(victims[1][5]["enc"][17:49])
    plaintext = key.plaintext(2, enc, key.join(theirs[1][5]["enc"][17:49]))
    again = key.enclose(2, enc[:41], plaintext, context)
    assert w.answered(victims[0], [70, 2, {}, [], {"enc": again}]).reason == "WrongRequest"
    victims[0].context = type(context)(key, b"\1" * 32, b"\1" * 32)
    assert w.answered(victims[0], answer).reason == "NotOpened"


def test_answers_of_others():
    for answers, reason in (("erin", "WrongSender"), ("alice", "WrongSender"), (None, "WrongSender"), ("bob", None)):
        w = world(answers=answers)
        call, message = w.o.call("com.x.p")
        assert w.answered(call, w.r.answer(w.invoke(message).exchange)).reason == reason
    for answers in ("erin", "alice", None):
        w = world(answers=answers, any_answerer=True)
        call, message = w.o.call("com.x.p")
        got = w.answered(call, w.r.answer(w.invoke(message).exchange))
        assert got.record and got.sender is None


def test_another_answerer_does_not_go_on():
    w = world()
    w.rings[0].find("com.x.p")[1].versions[0].key.answerers[VERIFY["erin"]] = "erin"
    call, message = w.o.call("com.x.p")
    served = w.invoke(message).exchange
    assert w.answered(call, w.r.answer(served, [1], None, True)).sender == "bob"
    w.rings[1].set("com.x.", "prefix", keys(answers="erin")[1])
    assert w.answered(call, w.r.answer(served, [2], None, True)).reason == "WrongRequest"


def test_unsigned_versions_open_until_a_date():
    box = [Key.shared(b"\3" * 32)] * 2
    w = World()
    for ring, unsigned, signed in zip(w.rings, box, keys()):
        ring.set("com.x.", "prefix", Version(unsigned), Version(signed, NOW + 500), allow_unsigned=NOW + 1000)
    call, message = w.o.call("com.x.p", options={"progress": True})
    served = w.invoke(message).exchange
    old = w.o.publish("com.x.t")
    w.now += 600
    assert w.event(w.o.publish("com.x.t")).sender == "alice" and w.event(old).record
    w.now += 400
    assert w.event(old).reason == "NotOpened"
    assert w.invoke(w.o.chunk(call)).record and w.answered(call, w.r.answer(served, [1])).record
    w.rings[1].find("com.x.t")[1].versions[1].revoked = True
    assert w.event([16, 1, {}, "com.x.t", *old[4:]], w.r.subscribe("com.x.t")).reason == "Replayed"


def test_no_signer_takes_the_room_of_another():
    memory = SignedMemory(330_000)
    alice, dave = (("call", b"k", name) for name in ("alice", "dave"))
    for n in range(SIGNER_SENDERS + 1):
        memory.note(alice, n, 1, NOW + n, NOW)
        if n == 0:
            memory.note(dave, 0, 1, NOW, NOW)
    assert len(memory.memories[alice].windows) == SIGNER_SENDERS
    for place, sender, reason in ((alice, 0, "Stale"), (alice, "new", "Stale"), (dave, 0, "Replayed")):
        with pytest.raises(Fault, match=reason):
            memory.check(place, sender, 1, NOW)
    memory.check(dave, "new", 1, NOW)


def test_the_signer_that_takes_most_gives_way(monkeypatch):
    monkeypatch.setattr("wampbox.memory.SENDERS", 20)
    monkeypatch.setattr("wampbox.memory.SIGNED_TOKENS", 20)
    memory, retained = SignedMemory(330_000), Retained()
    memory.note(("call", b"k", "dave"), 0, 1, NOW, NOW)
    retained.note_new("dave", None, b"d", 1, NOW, True)
    for n in range(30):
        memory.note(("call", bytes([n % 2]), "alice"), n, 1, NOW + n, NOW)
        retained.note_new("alice", None, b"a", n, NOW + n, True)
    assert sum(len(m.windows) for m in memory.memories.values()) == 20
    for check in (lambda: memory.check(("call", b"k", "dave"), 0, 1, NOW), lambda: retained.note_new("dave", None, b"d", 1, NOW, True)):
        with pytest.raises(Fault, match="Replayed"):
            check()
    with pytest.raises(Fault, match="Stale"):
        retained.note_new("alice", None, b"a", 0, NOW, True)


def test_made_up_contexts_take_no_room():
    w = world()
    good = w.o.publish("com.x.t")
    assert w.event(good).record
    for n in range(3):
        enc = good[5]["enc"]
        made_up = enc[:17] + X25519.public(bytes([n + 1]) * 32) + enc[49:]
        assert w.event([16, 1, {}, "com.x.t", [], {"enc": made_up}]).reason == "NotOpened"
    assert len(w.r.joined) == 1 < CONTEXTS


def test_missed_is_told_for_each_signer():
    w = world()
    wanted = w.r.subscribe("com.x.t")
    other = Session(Ring(), "realm1", w.o.sender, lambda: w.now, lambda: w.ticks)
    other.ring.set("com.x.", "prefix", keys(by="dave")[0])
    assert w.event(w.o.publish("com.x.t"), wanted).missed == 0
    for _ in range(3):
        last = other.publish("com.x.t")
    assert w.event(last, wanted).missed == 0  # the first of dave, though he names the Session of alice
    w.o.publish("com.x.t")
    assert w.event(w.o.publish("com.x.t"), wanted).missed == 1


@pytest.mark.parametrize("make", [
    lambda public: SignedKey(4), lambda public: SignedKey(4, SEED["alice"]), lambda public: SignedKey(4, public=public),
    lambda public: SignedKey(4, SEED["alice"], public, SEED["bob"]), lambda public: SignedKey(5, SEED["alice"], public),
    lambda public: SignedKey(4, SEED["alice"], public, answerers=ANSWERERS, any_answerer=True),
    lambda public: SignedKey(4, bytes(32), public), lambda public: SignedKey(4, SEED["alice"], bytes(32)),
    lambda public: SignedKey(4, read=SEED["read"], senders={b"\2" + bytes(31): "alice"})])
def test_what_is_no_version(make):
    with pytest.raises(ValueError):
        make(X25519.public(SEED["read"]))


def test_keys_print_no_secrets():
    for key in keys():
        assert not any(repr(SEED[name]) in repr(key) for name in SEED)


def test_verify_keys_are_points():
    assert all(check_verify_key(key) == key for key in VERIFY.values())
