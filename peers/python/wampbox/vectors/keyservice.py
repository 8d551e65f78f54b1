"""Makes vectors/keyservice.json (KEYSERVICE.md, "Vectors"). A function that begins with of_ adds some."""
from ..signed import typed_text
from . import exchanges, statements
from .maker import NOW
from .statements import AGE, SIGNING, VERIFY

ABOUT = ("Vectors of docs/KEYSERVICE.md, made by python -m wampbox vectors keyservice. "
         "The keys are samples: never use them for anything else.")


def make_keyservice():
    m = statements.Maker()
    for module in (statements, exchanges):
        for name, add in vars(module).items():
            if name.startswith("of_"):
                add(m)
    keys = {name: {"signing": typed_text("ed25519", seed), "verify": typed_text("ed25519", VERIFY[name])}
            for name, seed in SIGNING.items()}
    ages = {name: {"identity": key.identity(), "recipient": key.recipient()} for name, key in AGE.items()}
    return {"about": ABOUT, "version": 1, "now": NOW, "keys": keys, "ages": ages, "enrolments": m.enrolments,
            "statements": m.statements, "answers": m.answers, "files": m.files, "exchanges": m.exchanges}
