"""Runs vectors/keyservice.json through the readers of statements and of files of age."""
from ..age import HybridKey, X25519Key, decrypt
from ..cbor import Fault
from ..member import Member
from ..signed import typed_bytes
from ..statement import make, read, read_answer, read_line, write_answer, write_line
from .check import same, unmark

PARTS = ("grant", "ciphertext", "delegation", "fresh")


def outcome(run, *given):
    try:
        return run(*given)
    except Fault as fault:
        return {"reason": fault.reason}


def check_keyservice(document):
    """What is otherwise than the file says: names of entries."""
    keys = document["keys"]
    ages = {name: (HybridKey if "-PQ-" in age["identity"] else X25519Key).parse_identity(age["identity"])
            for name, age in document["ages"].items()}

    def statement(entry):
        signer = keys[entry["signer"]]
        got = outcome(read, entry["kind"], entry["wire"], typed_bytes(signer["verify"], "ed25519"))
        if "items" not in entry:
            return same(got, {"reason": entry["reason"]})
        again = make(entry["kind"], typed_bytes(signer["signing"], "ed25519"), entry["items"])
        return same(got, entry["items"]) and again == entry["wire"]

    def answer(entry):
        got = outcome(read_answer, entry["wire"])
        if "reason" in entry:
            return same(got, {"reason": entry["reason"]})
        return same(got, [entry[part] for part in PARTS]) and write_answer(*got) == entry["wire"]

    def file(entry):
        want = {"reason": entry["reason"]} if "reason" in entry else entry["plaintext"]
        return same(outcome(decrypt, ages[entry["identity"]], entry["file"]), want)

    def enrolment(entry):
        got = outcome(read_line, entry["line"])
        if "reason" in entry:
            return same(got, {"reason": entry["reason"]})
        again = write_line(typed_bytes(keys[entry["signer"]]["signing"], "ed25519"), entry["items"])
        return same(got, entry["items"]) and again.split() == entry["line"].split()

    def exchange(entry):
        authorities = [typed_bytes(keys[name]["verify"], "ed25519") for name in entry["authorities"]]
        member = Member(entry["member"], typed_bytes(keys[entry["signer"]]["verify"], "ed25519"),
                        [ages[name] for name in entry["ages"]], authorities, entry["now"])
        if entry["held"] is not None:
            member.held = member.take(entry["held"])

        def take():
            granted = member.take(entry["wire"], entry["nonce"])
            return {"serial": granted.grant["serial"], "plaintext": member.open(granted)}

        want = {name: entry[name] for name in ("reason", "serial", "plaintext") if name in entry}
        return same(outcome(take), want)

    checks = {"exchanges": exchange, "enrolments": enrolment, "statements": statement, "answers": answer, "files": file}
    return [entry["name"] for part, check in checks.items() for entry in document[part] if not check(unmark(entry))]
