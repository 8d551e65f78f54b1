"""The vectors in the repository: they are what the maker makes, and what the receiver does."""
import copy
import json
import pathlib

import pytest

from wampbox.session import REFUSAL_REASONS
from wampbox.vectors import dump, make
from wampbox.vectors.check import check_file, check_vector

PATH = pathlib.Path(__file__).parents[3] / "vectors" / "wampbox_format.json"


@pytest.fixture(scope="module")
def text():
    return PATH.read_text(encoding="utf-8")


def test_made_again(text):
    assert dump(make()) == text


def test_receiver(text):
    assert check_file(json.loads(text)) == []


def test_coverage(text):
    document = json.loads(text)
    assert len(document["negative"]) >= 640
    reasons = {v["messages"][-1]["expect"]["reason"] for v in document["negative"]}
    assert reasons == set(REFUSAL_REASONS) - {"StoreDown"} | {"WrongSender"}
    assert {e["expect"].get("reason") for e in document["opening"]} == {None, "NotOpened", "Malformed", "WrongSender"}
    assert not any("reason" in v["messages"][-1]["expect"] for v in document["positive"])
    for reason_in in ("EVENT", "INVOCATION", "RESULT", "ERROR"):
        assert any(v["messages"][-1]["type"] == reason_in for v in document["negative"])


def test_the_check_finds_what_is_wrong(text):
    document = json.loads(text)
    keys = {e["name"]: e for e in document["keys"]}
    vector = copy.deepcopy(next(v for v in document["positive"] if v["name"] == "binding/xbox/publish"))
    vector["messages"][0]["expect"]["record"]["args"][1] = {"$float": "23"}
    assert len(list(check_vector(document, keys, vector))) == 2
    vector["messages"][0]["expect"] = {"reason": "Gap"}
    assert len(list(check_vector(document, keys, vector))) == 2
    document["sealing"][0]["enc"], document["padme"][3][1] = document["sealing"][1]["enc"], 7
    opening, signer = document["opening"], document["signers"][0]
    opening[0]["expect"]["sender"], signer["signer"], signer["verify"] = "bob", "", ""
    opening[1]["expect"] = {"reason": "NotOpened"}
    signed = next(e for e in document["sealing"] if "first" in e)
    signed["plaintext"] = {"$bytes": ""}
    assert len(check_file(document | {"positive": [], "negative": []})) == 6
