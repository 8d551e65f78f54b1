"""The vectors of the key service in the repository: they are what the maker makes, and what the readers do."""
import json
import pathlib
import types

import pytest

from wampbox import member
from wampbox.cbor import Fault
from wampbox.signed import sha256, typed_text
from wampbox.vectors import dump
from wampbox.vectors.check_keyservice import check_keyservice
from wampbox.vectors.keyservice import make_keyservice

PATH = pathlib.Path(__file__).parents[3] / "vectors" / "keyservice.json"
LISTS = ("enrolments", "statements", "answers", "files", "exchanges")


@pytest.fixture(scope="module")
def text():
    return PATH.read_text(encoding="utf-8")


def test_made_again(text):
    assert dump(make_keyservice()) == text


def test_readers(text):
    assert check_keyservice(json.loads(text)) == []


def test_coverage(text):
    document = json.loads(text)
    names = [f"{part}/{entry['name']}" for part in LISTS for entry in document[part]]
    assert len(names) == len(set(names)) > 900
    reasons = {part: {entry.get("reason") for entry in document[part]} for part in LISTS}
    assert reasons == {
        "enrolments": {None, "Enrolment"}, "statements": {None, "Malformed", "Forged"}, "answers": {None, "Malformed"},
        "files": {None, "Decrypt"}, "exchanges": {None, "Malformed", "Forged", "NotFresh", "Rollback", "Mixed", "Other",
                                                  "Ahead", "Expired", "Decrypt"}}


@pytest.mark.parametrize("part", LISTS)
def test_the_check_finds_what_is_wrong(text, part):
    """A good entry that should be refused, and a refused one that should be taken, are told; so is another reason."""
    document = json.loads(text)
    refused = next(entry for entry in document[part] if "reason" in entry)
    good = next(entry for entry in document[part] if "reason" not in entry)
    content = {"items", "plaintext", "serial", "grant"}
    turned = [{
        "name": "turned",
        **{k: v
           for k, v in good.items() if k not in content | {"name"}}, "reason": refused["reason"]
    }, refused | {
        "name": "another reason",
        "reason": "Else"
    }]
    alone = {name: [] for name in LISTS} | {part: turned}
    assert check_keyservice(document | alone) == ["turned", "another reason"]


@pytest.mark.parametrize("field, taken", [("scramble", True), ("scrambles", False)])
def test_scrambled_uris(monkeypatch, field, taken):
    """A grant may say which URIs are scrambled, and nothing that isn't of the format."""
    file = {"version": 2, "patterns": [], field: [{"prefix": "com.myapp.", "secrets": []}],
            "grant": {"authority": typed_text("ed25519", bytes(32)), "serial": 1, "member": "shop",
                      "expires": "1970-01-01T00:00:01Z", "opens_until": "1970-01-01T00:00:02Z"}}
    monkeypatch.setattr(member, "decrypt", lambda key, ciphertext: json.dumps(file))
    key = types.SimpleNamespace(recipient=lambda: "age1")
    granted = member.Granted(bytes(32), {}, {}, {"recipient": sha256(b"age1"), "serial": 1, "expires": 1000}, b"", b"")
    try:
        member.Member("shop", bytes(32), [key], [], 0).open(granted)
    except Fault as fault:
        assert (fault.reason, taken) == ("Malformed", False)
    else:
        assert taken
