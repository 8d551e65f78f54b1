"""Runs vectors/scrambling.json through what scrambles, asks and looks up."""
from ..keys import WeakKey
from ..ring import Ring
from ..scramble import Misuse, Scrambling, Secret, ask, read_secret, scramble, secret_id


def check_scrambling(document):
    """What is otherwise than the file says: entries, with their lists."""
    secrets = {name: read_secret(entry["text"]) for name, entry in document["secrets"].items()}

    def secret_texts(entry):
        try:
            return secret_id(read_secret(entry["text"])) == entry.get("id")
        except WeakKey:
            return entry.get("error") == "weak"
        except ValueError:
            return entry.get("error") == "key"

    def uris(entry):
        return scramble(secrets[entry["secret"]], entry["realm"], entry["prefix"], entry["uri"]) == entry["scrambled"]

    def asked(entry):
        scrambling = Scrambling(entry["prefix"], [Secret(secrets[name], i or None) for i, name in enumerate(entry["secrets"])])
        try:
            return ask([scrambling], entry["realm"], entry["uri"], entry["match"], 0) == entry.get("routed")
        except Misuse:
            return entry.get("error") == "misuse"

    def dates(entry):
        names = {secrets[name]: name for name in secrets}
        own = [Secret(secrets[s["secret"]], s["active_from"], s["not_after"]) for s in entry["secrets"]]
        scrambling = Scrambling("com.", list(own), entry["clear_until"])
        sends, *receives = (names[form.secret] if isinstance(form, Secret) else form
                            for form in (scrambling.send(0), *scrambling.receive(0)))
        states = [scrambling.state(secret, 0) for secret in own]
        return (sends, receives, states) == (entry["sends"], entry["receives"], [s["state"] for s in entry["secrets"]])

    def lookups(entry):
        ring = Ring(entry["prefix"])
        for match, text in entry["patterns"]:
            ring.set(text, match, None)
        return all(ring.pattern(uri) == (pattern and tuple(pattern)) for uri, pattern in entry["found"].items())

    return [f"{check.__name__}: {entry}" for check in (secret_texts, uris, asked, dates, lookups)
            for entry in document[check.__name__] if not check(entry)]
