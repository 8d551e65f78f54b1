"""The vectors of scrambled URIs in the repository: they are what the maker makes, and what the readers do."""
import json
import pathlib

import pytest

from wampbox.vectors import dump
from wampbox.vectors.check_scrambling import check_scrambling
from wampbox.vectors.scrambling import make_scrambling

PATH = pathlib.Path(__file__).parents[3] / "vectors" / "scrambling.json"
LISTS = ("secret_texts", "uris", "asked", "dates", "lookups")


@pytest.fixture(scope="module")
def text():
    return PATH.read_text(encoding="utf-8")


def test_made_again(text):
    assert dump(make_scrambling()) == text


def test_readers(text):
    assert check_scrambling(json.loads(text)) == []


def test_coverage(text):
    document = json.loads(text)
    below = {entry["scrambled"] for entry in document["uris"] if entry["uri"].endswith("room.x")}
    assert len(below) == sum(entry["uri"].endswith("room.x") for entry in document["uris"]) > 20
    assert {form for entry in document["dates"] for form in [entry["sends"], *entry["receives"]]} == {"a", "b", "clear", None}
    assert {s["state"] for entry in document["dates"] for s in entry["secrets"]} == {"pending", "active", "retired", "expired"}
    assert {entry.get("error") for entry in document["asked"]} == {None, "misuse"}
    assert {entry.get("error") for entry in document["secret_texts"]} == {None, "key", "weak"}
    found = [pattern for entry in document["lookups"] for pattern in entry["found"].values()]
    assert None in found and {pattern[0] for pattern in found if pattern} == {"exact", "prefix", "wildcard"}


@pytest.mark.parametrize("part, field, wrong", [
    ("secret_texts", "id", "aaaa"), ("secret_texts", "error", "else"), ("uris", "scrambled", "com.myapp.hello"), ("asked", "routed", []),
    ("asked", "error", "else"), ("dates", "sends", "c"), ("dates", "receives", ["c"]), ("lookups", "found", {"com.myapp.a.b": ["exact", "org"]})])
def test_the_check_finds_what_is_wrong(text, part, field, wrong):
    document = json.loads(text)
    entry = next(entry for entry in document[part] if field in entry)
    entry[field] = wrong
    assert len(check_scrambling(document)) == 1
