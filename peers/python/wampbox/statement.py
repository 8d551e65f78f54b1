"""Statements of the key service (KEYSERVICE.md, "Statements"): what its parties sign, written and read."""
import base64
import re

from .age import parse_recipient
from .cbor import Fault, Reader, require, write
from .keys import unbase64
from .signed import check_verify_key, sha256, sign, typed_bytes, typed_text, verified

MAX_STATEMENT, MAX_CIPHERTEXT, MAX_RECIPIENT = 8192, 1 << 20, 4096
MAX_ANSWER = MAX_CIPHERTEXT + 3 * MAX_STATEMENT + 64
LABEL, MAX_LINE, YEAR_9999 = "wampbox-identity-1", 8192, 253402300799999
NAME = re.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}")


def uint(value):
    return type(value) is int and 0 <= value < 1 << 64


def time(value):
    return uint(value) and value <= YEAR_9999


def text(value):
    return type(value) is str


def name(value):
    return text(value) and bool(NAME.fullmatch(value))


def bytes32(value):
    return type(value) is bytes and len(value) == 32


def key(value):
    try:
        return bytes32(value) and bool(check_verify_key(value))
    except ValueError:
        return False


def recipient(value):
    return value is None or text(value) and 0 < len(value.encode()) <= MAX_RECIPIENT


# By kind: the items of the list that is signed, each with what it has to be
ITEMS = {
    "identity": {"member": name, "key": key, "recipient": text},
    "grant": {"authority": bytes32, "serial": uint, "member": name, "key": bytes32, "recipient": bytes32,
              "issued": time, "expires": time, "ciphertext": bytes32},
    "delegation": {"serial": uint, "key": key, "not_before": time, "not_after": time},
    "get": {"authority": bytes32, "member": name, "nonce": bytes32, "serial": uint, "ciphertext": bytes32,
            "next": recipient},
    "fresh": {"nonce": bytes32, "grant": bytes32, "time": time},
}


def to_sign(kind, content):
    return f"wampbox-{kind}-1".encode() + b"\0" + content


def enclose(content, signature):
    """A statement as it travels."""
    return b"\x82" + content + write(signature)


def make(kind, signing, items):
    content = write([items[item] for item in ITEMS[kind]])
    return enclose(content, sign(signing, to_sign(kind, content)))


def depth(value):
    elements = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if elements is None else 1 + max(map(depth, elements), default=0)


def parse(data, limit, size):
    """The items of a list of that size, in CBOR as it has to be written."""
    require(len(data) <= limit, "Malformed", "too large")
    reader = Reader(data)
    try:
        value = reader.value()
    except Fault:
        raise Fault("Malformed", "no CBOR that a statement may have") from None
    require(depth(value) <= 4, "Malformed", "nested too deep")
    require(type(value) is list and len(value) == size, "Malformed", "no such list")
    require(reader.at == len(data) and write(value) == data, "Malformed", "not in its one encoding")
    return value


def read(kind, data, verify):
    """The items of a statement that this key signed."""
    content, signature = parse(data, MAX_STATEMENT, 2)
    require(type(signature) is bytes and len(signature) == 64, "Malformed", "no signature")
    require(verified(verify, signature, to_sign(kind, write(content))), "Forged", "signed by another, or as another")
    rules = ITEMS[kind]
    require(type(content) is list and len(content) == len(rules), "Malformed", "no such list")
    for value, rule in zip(content, rules.values()):
        require(rule(value), "Malformed", "an item that isn't what it has to be")
    items = dict(zip(rules, content))
    require(kind != "grant" or items["authority"] == sha256(verify), "Forged", "of another authority")
    return items


def write_answer(grant, ciphertext, delegation, fresh):
    return b"\x84" + grant + write(ciphertext) + delegation + fresh


def read_answer(data):
    """The four parts of an answer. Only the ciphertext is looked at."""
    grant, ciphertext, delegation, fresh = parse(data, MAX_ANSWER, 4)
    require(type(ciphertext) is bytes, "Malformed", "a ciphertext that is none")
    require(len(ciphertext) <= MAX_CIPHERTEXT, "Malformed", "a ciphertext that is too large")
    return write(grant), ciphertext, write(delegation), write(fresh)



def write_line(signing, items):
    """The line of enrolment. The list that is signed doesn't travel: its items stand in the line."""
    member, key, recipient = (items[item] for item in ITEMS["identity"])
    signature = sign(signing, to_sign("identity", write([member, key, recipient])))
    return " ".join([LABEL, member, typed_text("ed25519", key), recipient, base64.b64encode(signature).decode()])


def read_line(line):
    """Member, key and recipient of a line of enrolment."""
    try:
        label, member, key_text, recipient, signed = line.split()
        key, signature = check_verify_key(typed_bytes(key_text, "ed25519")), unbase64(signed)
        good = len(line) <= MAX_LINE and label == LABEL and name(member) and parse_recipient(recipient)
        require(good and signature is not None and len(signature) == 64, "Enrolment", "not as it has to be")
    except ValueError:
        raise Fault("Enrolment", "not as it has to be") from None
    require(verified(key, signature, to_sign("identity", write([member, key, recipient]))), "Enrolment",
            "signed by another")
    return {"member": member, "key": key, "recipient": recipient}
