"""Makes vectors/scrambling.json (FORMAT.md, 16). A function that begins with of_ gives a list."""
import base64
import hashlib
import itertools

from ..ring import Ring
from ..scramble import Misuse, Scrambling, Secret, ask, scramble, secret_id

ABOUT = ("Vectors of docs/FORMAT.md, 2.3, made by python -m wampbox vectors scrambling. "
         "The secrets are samples: never use them for anything else.")
SECRETS = {name: hashlib.sha256(b"sample secret " + name.encode()).digest() for name in "abc"}
APP = "com.myapp."
URIS = {
    "one component": "com.myapp.hello",
    "several": "com.myapp.room.17.temperature",
    "the same at two places": "com.myapp.x.x",
    "the same behind another": "com.myapp.y.x",
    "the prefix": "com.myapp.",
    "not below": "com.myapps.x",
    "shorter": "com.myapp",
    "nothing": "",
    "of a prefix": "com.myapp.room.",
    "of a wildcard": "com.myapp..temperature",
    "of a wildcard, the last": "com.myapp.room.",
    "of a wildcard, several": "com.myapp...x..",
    "another case": "com.myapp.Hello",
    "not ASCII": "com.myapp.größe.温度.🔒",
    "what looks scrambled": "com.myapp.aaaaaaaaaaaaaaaa",
    "the prefix again": "com.myapp.com.myapp.x",
} | {f"a component of {n} bytes": APP + "c" * n + ".x" for n in (1, 23, 24, 255, 256)
     } | {f"{n} components": APP + ".".join(str(i % 10) for i in range(n)) for n in (24, 25, 64, 258)}
PLACES = list(itertools.product("ab", ("realm1", "realm2", "", "größe"), (APP, "com.", "com.myapp.room.", "org.example.a.b.c.d.")))


def of_secrets():
    for text in (SECRETS["a"], b"\1" * 32):
        yield {"text": "scramble:" + base64.b64encode(text).decode(), "id": secret_id(text)}
    good = base64.b64encode(SECRETS["a"]).decode()
    for text in ("", "scramble:", good, "scramble:" + good[:-1], "scramble:" + good + "=", "scramble: " + good, "Scramble:" + good,
                 "x25519:" + good, "scramble:" + SECRETS["a"].hex(), "scramble:" + base64.b64encode(SECRETS["a"][:31]).decode(),
                 "scramble:" + base64.b64encode(SECRETS["a"] + b"x").decode(), "scramble:" + base64.urlsafe_b64encode(b"\xff" * 32).decode()):
        yield {"text": text, "error": "key"}
    yield {"text": "scramble:" + base64.b64encode(bytes(32)).decode(), "error": "weak"}


def of_uris():
    given = [(name, "a", "realm1", APP, uri) for name, uri in URIS.items()]
    given += [(f"under {secret} in {realm!r} below {prefix}", secret, realm, prefix, prefix + "room.x") for secret, realm, prefix in PLACES]
    for name, secret, realm, prefix, uri in given:
        yield {"name": name, "secret": secret, "realm": realm, "prefix": prefix, "uri": uri,
               "scrambled": scramble(SECRETS[secret], realm, prefix, uri)}


ASKED = {
    "exact": ["com.myapp.x", "com.myapp.x.y", "com.myapp", "com.other.x", "org.x"],
    "prefix": [APP, "com.myapp.x.", "com.myapp.x", "com.myapp", "com.", "c", "", "com.other", "org.", "com.myapp.x.y"],
    "wildcard": ["com.myapp..x", "com.myapp.", "com.myapp..", "com.myapp.x.", "com..x", "..x", ".myapp.x", "com.other.", ".x", "org..x",
                 "com..x.y", "org.x.", ".myapps.x", "com.myapp.x.."],
}


def of_asked():
    scrambling = Scrambling(APP, [Secret(SECRETS["a"]), Secret(SECRETS["b"], active_from=3600)])
    for match, uri in ((match, uri) for match, uris in ASKED.items() for uri in uris):
        entry = {"prefix": APP, "secrets": ["a", "b"], "realm": "realm1", "match": match, "uri": uri}
        try:
            yield entry | {"routed": ask([scrambling], "realm1", uri, match, 0)}
        except Misuse:
            yield entry | {"error": "misuse"}


MOMENTS = None, -7200, -3600, 3600, 7200


def of_dates():
    """Times in seconds, of which 0 is now."""
    for clear in (None, -1800, 1800, 5400):
        for (a, end), (b, other_end) in itertools.product(itertools.product(MOMENTS, MOMENTS[1:] + (None,)), repeat=2):
            if a == b or any(until is not None and until < (begin or -9999) for begin, until in ((a, end), (b, other_end))):
                continue
            yield dates(clear, Secret(SECRETS["a"], a, end), Secret(SECRETS["b"], b, other_end))
        for a in MOMENTS:
            yield dates(clear, Secret(SECRETS["a"], a))
        if clear is not None:
            yield dates(clear)


def dates(clear, *secrets):
    scrambling = Scrambling(APP, list(secrets), clear)

    def name(form):
        return form if form in ("clear", None) else next(n for n, secret in SECRETS.items() if secret == form.secret)
    return {"clear_until": clear, "secrets": [
        {"secret": name(s), "active_from": s.active_from, "not_after": s.not_after, "state": scrambling.state(s, 0)} for s in scrambling.secrets],
        "sends": name(scrambling.send(0)), "receives": [name(form) for form in scrambling.receive(0)]}


PATTERNS = [("exact", "com.myapp.a.b"), ("prefix", "com.myapp.a."), ("prefix", "com.myapp.a.b."), ("wildcard", "com.myapp..b"), ("wildcard", "com.myapp..."),
            ("prefix", APP), ("prefix", "com."), ("prefix", ""), ("wildcard", ".myapp.a.b.c"), ("wildcard", "com..a.c.d"), ("prefix", "com.my"), ("exact", "com.other")]
LOOKED = ["com.myapp.a.b", "com.myapp.a.c", "com.myapp.a.b.c", "com.myapp.c.b", "com.myapp.c.d", "com.myapp.c", "com.myapp.a.c.d", "com.other", "com.others", "org.x"]


def of_lookups():
    for left_out in range(1 << 6):
        patterns = [p for i, p in enumerate(PATTERNS) if not (i < 6 and left_out >> i & 1)]
        ring = Ring(APP)
        for match, text in patterns:
            ring.set(text, match, None)
        found = {uri: ring.pattern(uri) for uri in LOOKED}
        yield {"prefix": APP, "patterns": patterns, "found": found}


def make_scrambling():
    secrets = {name: {"text": "scramble:" + base64.b64encode(secret).decode(), "id": secret_id(secret)} for name, secret in SECRETS.items()}
    return {"about": ABOUT, "version": 1, "secrets": secrets, "secret_texts": list(of_secrets()), "uris": list(of_uris()),
            "asked": list(of_asked()), "dates": list(of_dates()), "lookups": list(of_lookups())}
