"""What a member of a key service checks of an answer, in the order of KEYSERVICE.md, "What a member checks"."""
import json
from dataclasses import dataclass
from datetime import datetime, timezone

from .age import decrypt
from .cbor import EPOCH, Fault, require
from .signed import sha256, typed_text
from .statement import read, read_answer

DAY = 86_400_000
FIELDS = {"version", "grant", "patterns", "scramble", "unkeyed", "$schema"}
GRANT_FIELDS = {"authority", "serial", "member", "expires", "opens_until"}


@dataclass
class Granted:
    """An answer that was taken: who granted, its statements' items, and the bytes that go into the cache."""
    authority: bytes
    delegation: dict
    fresh: dict
    grant: dict
    wire: bytes
    ciphertext: bytes


@dataclass
class Member:
    """Verify keys of authorities; keys are identities of age. Now is the clock, in Unix ms; held is a Granted."""
    name: str
    verify: bytes
    keys: list
    authorities: list
    now: int
    held: Granted | None = None

    def take(self, wire, nonce=None):
        """What an answer grants. Without a nonce it comes from the cache."""
        grant, ciphertext, delegation, fresh = read_answer(wire)
        authority, delegation = self._delegation(delegation)
        fresh = read("fresh", fresh, delegation["key"])
        now = max(self.now, fresh["time"], self.held.fresh["time"] if self.held else 0)
        require(nonce in (None, fresh["nonce"]), "NotFresh", "another question")
        require(fresh["grant"] == sha256(grant), "Mixed", "fresh is of another grant")
        require(delegation["not_before"] <= fresh["time"], "Ahead", "the delegation hasn't begun")
        require(fresh["time"] <= delegation["not_after"], "Expired", "the delegation")
        require(nonce is None or now <= delegation["not_after"], "Expired", "the delegation")
        g = Granted(authority, delegation, fresh, self._grant(authority, grant), grant, ciphertext)
        self._check_member(g)
        self._check_serial(g)
        issued, expires = g.grant["issued"], g.grant["expires"]
        require(issued < expires, "Malformed", "expires before it was issued")
        require(issued <= now + DAY, "Ahead", "issued in the future")
        require(nonce is None or now <= expires, "Expired", "the grant")
        if not ciphertext and self.held and self.held.grant["ciphertext"] == g.grant["ciphertext"]:
            g.ciphertext = self.held.ciphertext
        require(sha256(g.ciphertext) == g.grant["ciphertext"], "Mixed", "another ciphertext")
        return g

    def _delegation(self, data):
        for authority in self.authorities:
            try:
                delegation = read("delegation", data, authority)
            except Fault as fault:
                if fault.reason != "Forged":
                    raise
                continue
            known = self.held.delegation["serial"] if self.held and self.held.authority == authority else 0
            require(delegation["serial"] >= known, "Rollback", "a newer delegation is known")
            return authority, delegation
        raise Fault("Forged", "no authority of ours delegated")

    def _grant(self, authority, data):
        try:
            return read("grant", data, authority)
        except Fault as fault:
            others = [other for other in self.authorities if fault.reason == "Forged" and opens(data, other)]
            raise Fault("Mixed", "two authorities") if others else fault from None

    def _check_member(self, g):
        require(g.grant["member"] == self.name, "Other", "another member's")
        require(g.grant["key"] == sha256(self.verify), "Other", "for another verify key")
        recipients = [sha256(key.recipient().encode()) for key in self.keys]
        require(g.grant["recipient"] in recipients, "Other", "for another recipient")

    def _check_serial(self, g):
        held = self.held.grant["serial"] if self.held else 0
        require(g.grant["serial"] >= held, "Rollback", "a newer grant is held")
        require(g.grant["serial"] > held or g.wire == self.held.wire, "Mixed", "two of one serial")
        require(g.grant["serial"] <= g.grant["issued"] + DAY, "Ahead", "a serial far ahead")

    def open(self, g):
        """The keyring file that was granted. Its patterns aren't read here."""
        key = next(key for key in self.keys if sha256(key.recipient().encode()) == g.grant["recipient"])
        text = decrypt(key, g.ciphertext)
        try:
            file = json.loads(text)
            inside = file["grant"]
            good = file["version"] == 2 and isinstance(file["patterns"],
                                                       list) and file.keys() <= FIELDS and inside.keys() == GRANT_FIELDS
            expires = datetime.fromisoformat(inside["expires"]).astimezone(timezone.utc) - EPOCH
        except (ValueError, KeyError, TypeError, AttributeError):
            good = False
        require(good, "Malformed", "no keyring file of a grant")
        require(not any(refers(value) for value in strings(file)), "Malformed", "a reference into this machine")
        require(inside["member"] == self.name, "Other", "a keyring for another member")
        want = typed_text("ed25519", g.authority), g.grant["serial"], g.grant["expires"]
        got = inside["authority"], inside["serial"], expires.total_seconds() * 1000
        require(want == got, "Mixed", "a keyring of another grant")
        return text


def opens(data, authority):
    try:
        return bool(read("grant", data, authority))
    except Fault:
        return False


def strings(value):
    if isinstance(value, str):
        yield value
    for element in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(element)


def refers(text):
    return text.startswith(("env:", "file:"))
