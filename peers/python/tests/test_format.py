"""The worked example, read from the document, and the examples that were made apart from this package."""
import json
import pathlib
import re

import cbor2
import pytest

from wampbox import Key, SignedKey, key_bytes
from wampbox.record import padme, read_record, write_foreign, write_record
from wampbox.signed import Context, sha256, sign, signer_of, typed_text, verify_key
from wampbox.vectors.maker import shown_id

HERE = pathlib.Path(__file__).parent
TEXT = (HERE.parents[2] / "docs" / "FORMAT.md").read_text(encoding="utf-8")
WORKED = TEXT[TEXT.index("## 15 Worked example"):TEXT.index("## 16 ")]
EXAMPLES = json.loads((HERE / "data" / "format2_examples.json").read_text())
PARTS = {k: key_bytes(v) for k, v in EXAMPLES["keys"].items()}


def after(label, size=None):
    """What the worked example says behind a label: the hex behind it, without spaces."""
    found = re.search(r"^" + re.escape(label) + r"\s+([0-9a-f][0-9a-f ]*[0-9a-f])", WORKED, re.M)
    return bytes.fromhex(found[1].replace(" ", ""))[:size]


def key(suite, role):
    if suite == 3:
        return Key.shared(PARTS["shared"])
    other = "responder" if role == "originator" else "originator"
    return Key.pair(role, PARTS[role + "_private"], PARTS[other + "_public"], suite)


def signed(role, once=False):
    """What a party has of suite 4: Alice originates, and Bob responds."""
    party = "alice" if role == "originator" else "bob"
    senders, answerers = ({PARTS[f"{name}_verify"]: name} for name in ("alice", "bob"))
    return SignedKey(4, PARTS[f"{party}_signing"], PARTS["reading_public"], PARTS["reading_private"], senders, answerers,
                     signed_once=once)


def test_worked_signed_event():
    block = WORKED[WORKED.index("The same event in suite 4"):]
    assert all(typed_text(kind, PARTS[key]) in block for kind, key in (("x25519", "reading_private"), (
        "x25519", "reading_public"), ("ed25519", "alice_signing"), ("ed25519", "alice_verify")))
    key, begins = signed("originator"), after("suite 4 begins")
    assert key.h == after("H, suite 4") and shown_id(key) in block and signer_of(key.verify) == after("signer")
    assert after("hashed, suite 4") == b"wampbox-kid-2\4" + PARTS["reading_public"]
    assert after("info, suite 4") == b"wampbox-2\4" + key.h
    shared = key.kem.decapsulate(PARTS["reading_private"], begins[17:49])
    assert shared == after("KEM's shared secret")
    context = Context(key, begins[17:49], shared)
    line = re.search(r"^suite 4, message +(\w+) +answer +(\w+)", block, re.M)
    assert [context.keys[d].hex() for d in (1, 2)] == list(line.groups())
    record = write_record(worked_record())
    assert sha256(begins) == after("SHA-256 of that") and sha256(record) == after("SHA-256 of record")
    assert sign(PARTS["alice_signing"], after("signed")) == after("signature")
    enc, token = key.seal_record(worked_record(), record, begins[49:], context)
    sealed = b"".join(bytes.fromhex(re.search(rf"^{label} +([0-9a-f]+)", block, re.M)[1]) for label in ("ciphertext", "tag"))
    assert enc == begins + sealed and len(enc) == 245 and token == after("token")
    opened = signed("responder").open_record(1, enc)
    assert (opened.data, opened.token, opened.name) == (record, token, "alice")


def test_worked_keys():
    for name in ("originator", "responder", "shared"):
        assert EXAMPLES["keys"][name + ("" if name == "shared" else "_private")] in WORKED
    assert key(1, "originator").secret == key(1, "responder").secret == after("secret of the pair")
    for suite in (1, 2, 3):
        assert key(suite, "originator").h == key(suite, "responder").h == after(f"H, suite {suite}")
        assert shown_id(key(suite, "originator")) in WORKED
    for suite in (2, 3):
        line = re.search(rf"^suite {suite}, message +(\w+) +answer +(\w+)", WORKED, re.M)
        assert [key(suite, "responder").direction_key(d).hex() for d in (1, 2)] == list(line.groups())


def worked_record():
    return {"kind": 1, "realm": "realm1", "uri": "com.myapp.encrypted.hello", "from": bytes.fromhex("44359a373b5b30e9e7c5df3cf236d41c"),
            "n": 1, "ts": 1767225600123, "re": None, "seq": 0, "flags": 0, "args": ["Hello", 23], "kwargs": None}


def test_worked_payloads():
    lines = WORKED[WORKED.index("\n8b ") + 1:]
    hexes = [re.match(r"[0-9a-f ]+?(?=  |$)", line)[0] for line in lines[:lines.index("```")].splitlines()]
    record = write_record(worked_record())
    assert record == bytes.fromhex("".join(hexes)) and len(record) == 75
    for suite, order in ((1, ("tag", "ciphertext")), (2, ("ciphertext", "tag"))):
        begins = after(f"suite {suite} begins")
        block = WORKED[WORKED.index(f"suite {suite} begins"):]
        sealed = b"".join(bytes.fromhex(re.search(rf"^{label} +([0-9a-f]+)", block, re.M)[1]) for label in order)
        assert key(suite, "originator").seal(1, record, begins[17:]) == begins + sealed
        assert key(suite, "responder").open(1, begins + sealed) == record
    padded = write_record(worked_record(), 96)
    assert padded[0] == 0x8C and padded.endswith(bytes.fromhex("5a00000010") + bytes(16)) and read_record(padded) == worked_record()


def test_worked_refusal_and_foreign_records():
    refusal = after("refusal") + bytes(118)
    assert len(refusal) == 199
    assert write_record(read_record(refusal), 199) == refusal and read_record(refusal)["args"][0] == "Stale"
    uri, args = "com.myapp.encrypted.hello", ["Hello", 23]
    assert write_foreign("autobahn", uri, args, None).decode() in WORKED
    assert write_foreign("passthru", uri, args, None) == after("passthru")
    autobahn = Key.pair("responder", PARTS["responder_private"], PARTS["originator_public"], dialect="autobahn")
    passthru = Key.pair("responder", PARTS["responder_private"], PARTS["originator_public"], 0, "passthru", "orders-2026")
    messages = [json.loads(line) for line in WORKED.splitlines() if line.startswith("[16,")]
    ours, theirs, third = messages
    from wampbox.envelope import classify
    for message, k in ((ours, key(1, "responder")), (theirs, autobahn), (third, passthru)):
        envelope = classify(message[2], message[4:])
        assert envelope.dialect == k.dialect and k.open(1, envelope.payload)


def test_padme():
    assert padme(129) == 144 and [padme(n) for n in (0, 1, 2, 9)] == [0, 1, 2, 10]


def test_example_parties():
    for party in ("alice", "bob"):
        assert verify_key(PARTS[f"{party}_signing"]) == PARTS[f"{party}_verify"]
        assert signer_of(PARTS[f"{party}_verify"]).hex() == EXAMPLES[f"{party}_signer"]


@pytest.mark.parametrize("example", [e for e in EXAMPLES["examples"] if e["suite"] == 4], ids=lambda e: e["name"])
def test_signed_examples(example):
    """Each opens, and is sealed again from its record."""
    enc, once = bytes.fromhex(example["enc"]), "once" in example["name"]
    direction = {"message": 1, "answer": 2}[example["direction"]]
    call = bytes.fromhex(next(e["enc"] for e in EXAMPLES["examples"] if e["name"] == "suite 4: a call"))
    reader, sender = signed("responder", once), signed("originator" if direction == 1 else "responder", once)
    if "isn't signed" in example["name"]:
        sender.sign, reader.any_answerer = None, True
    context = reader.join(call[17:49])
    opened = reader.open_record(direction, enc, context)
    assert reader.h.hex() == example["h"] and opened.data.hex() == example["record"]
    assert reader.plaintext(direction, enc, context).hex() == example["plaintext"]
    assert opened.token.hex() == example["token"] and opened.name == (None if reader.any_answerer else ("alice", "bob")[direction - 1])
    record = read_record(opened.data)
    nonce = enc[-len(opened.data) - 16 - {0: 1, 1: 81, 2: 97}[bytes.fromhex(example["plaintext"])[0]] - 24:][:24]
    assert sender.seal_record(record, opened.data, nonce, context) == (enc, opened.token)


@pytest.mark.parametrize("example", [e for e in EXAMPLES["examples"] if e["suite"] != 4], ids=lambda e: e["name"])
def test_examples(example):
    direction = {"message": 1, "answer": 2}[example["direction"]]
    enc, plaintext = bytes.fromhex(example["enc"]), bytes.fromhex(example["plaintext"])
    for role in ("originator", "responder"):
        k = key(example["suite"], role)
        assert k.h.hex() == example["h"] and k.id.hex() == example["key_id"]
        assert k.open(direction, enc) == plaintext and k.token(enc).hex() == example["token"]
        assert k.seal(direction, plaintext, enc[17:41]) == enc
    record = read_record(plaintext)
    assert list(record.values()) == cbor2.loads(plaintext)[:11]
    assert write_record(record, len(plaintext) if plaintext[0] == 0x8C else None) == plaintext
