"""The test vectors (FORMAT.md, 16): each function of the modules that begins with of_ adds some."""
import json

from .check import mark
from ..record import padme
from .maker import NOW, OWN, PATTERN, REALM, TABLES
from .signing import SignedMaker, signers
from . import answers, messages, records, senders, sequences


SIZES = (0, 1, 2, 3, 8, 9, 31, 33, 100, 129, 144, 145, 199, 255, 256, 257, 1000, 4097, 65535, 65537, 10**6,
         (1 << 24) - 1, 1 << 24)
ABOUT = ("Vectors of docs/FORMAT.md, made by python -m wampbox vectors. "
         "The keys are samples: never use them for anything else.")


def make():
    m = SignedMaker()
    for module in (records, messages, sequences, senders, answers):
        for name, add in vars(module).items():
            if name.startswith("of_"):
                add(m)
    return {"about": ABOUT, "format": 2, "realm": REALM, "now": NOW, "own_from": mark(OWN),
            "pattern": {"uri": PATTERN, "match": "prefix"}, "keys": m.entries, "signers": list(signers()),
            "padme": [[n, padme(n)] for n in SIZES], "key_texts": TABLES["key_texts"] + m.key_texts,
            "sealing": m.sealing, "opening": m.opening, "positive": m.positive, "negative": m.negative}


def dump(document):
    """JSON with a line for each entry of a list, so that changes are seen."""
    parts = []
    for name, value in document.items():
        text = json.dumps(value, sort_keys=True)
        if isinstance(value, list):
            text = "[\n" + ",\n".join(json.dumps(v, sort_keys=True) for v in value) + "\n]"
        parts.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
