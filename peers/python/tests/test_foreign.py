"""Payloads and records that others made: Autobahn, nexus, connectanum, wampy.js, and cryptography libraries."""
import base64
import json
import pathlib

import pytest
from nacl.bindings import crypto_scalarmult_base

from wampbox import Key
from wampbox.record import read_foreign, write_foreign

VECTORS = pathlib.Path(__file__).parents[3] / "vectors"
AUTOBAHN = json.loads((VECTORS / "autobahn_cryptobox.json").read_text())
REFERENCE = json.loads((VECTORS / "e2ee_reference_vectors.json").read_text())
ENVELOPES = [e for e in json.loads((VECTORS / "ppt_envelope_vectors.json").read_text()) if e["ppt_serializer"] == "cbor"]


def plain(value):
    if isinstance(value, dict):
        return bytes.fromhex(value["$bytes_hex"]) if "$bytes_hex" in value else {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("vector", AUTOBAHN["vectors"], ids=lambda v: f"{v['name']}, {v['sealed_by']}")
def test_autobahn(vector):
    of = {name: base64.b64decode(text) for name, text in AUTOBAHN["keys"].items()}
    key = {"originator": lambda: Key.pair("responder", of["responder_priv"], of["originator_pub"], 0, "autobahn"),
           "responder": lambda: Key.pair("originator", of["originator_priv"], of["responder_pub"], 0, "autobahn"),
           "default key": lambda: Key.pair("originator", of["default_priv"], crypto_scalarmult_base(of["default_priv"]), 0, "autobahn")}[vector["sealed_by"]]()
    payload = base64.b64decode(vector["payload_base64"])
    record = read_foreign("autobahn", key.open(1, payload))
    assert record == {"uri": vector["uri"], "args": plain(vector["args"]), "kwargs": plain(vector["kwargs"])}


@pytest.mark.parametrize("vector", REFERENCE["secretkey"], ids=lambda v: v["name"])
@pytest.mark.parametrize("cipher", ["xsalsa20poly1305", "aes256gcm"])
def test_passthru(vector, cipher):
    key = Key.shared(bytes.fromhex(vector["key_hex"]), "passthru", "id", cipher)
    payload, plaintext = (bytes.fromhex(t) for t in (vector[cipher]["payload_hex"], vector["plaintext_cbor_hex"]))
    assert key.open(1, payload) == plaintext and key.seal(1, plaintext, bytes.fromhex(vector[cipher]["nonce_hex"])) == payload
    assert read_foreign("passthru", plaintext)["uri"] is None


@pytest.mark.parametrize("vector", REFERENCE["cryptobox"], ids=lambda v: v["name"])
def test_cryptobox(vector):
    private, peer = (bytes.fromhex(vector[n]) for n in ("originator_priv_hex", "responder_pub_hex"))
    key = Key.pair("originator", private, peer, 0, "autobahn")
    assert write_foreign("autobahn", "com.myapp.topic1", [1, "two"], None).decode() == vector["plaintext_json"]
    assert key.seal(1, vector["plaintext_json"].encode(), bytes.fromhex(vector["nonce_hex"])).hex() == vector["payload_hex"]


@pytest.mark.parametrize("vector", ENVELOPES, ids=lambda v: v["implementation"])
def test_envelopes(vector):
    record = read_foreign("passthru", bytes.fromhex(vector["bytes_hex"]))
    text = [v.split(" ")[0] if isinstance(v, str) else v for v in vector["args"] or []]
    args = [bytes.fromhex(v[2:]) if isinstance(v, str) and v.startswith("h:") else v for v in text]
    kwargs = None if vector["kwargs"] == "undefined" else vector["kwargs"]
    assert (record["args"] or [], record["kwargs"], record["uri"]) == (args, kwargs, None)
