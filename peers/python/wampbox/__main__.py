"""python -m wampbox vectors > FILE; python -m wampbox check FILE"""
import json
import sys

from .cases import make
from .check import check_file


def dump(document):
    """JSON with a line for each entry of a list, so that changes are seen."""
    parts = []
    for name, value in document.items():
        text = json.dumps(value, sort_keys=True)
        if isinstance(value, list):
            text = "[\n" + ",\n".join(json.dumps(v, sort_keys=True) for v in value) + "\n]"
        parts.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


match sys.argv[1:]:
    case ["vectors"]:
        sys.stdout.write(dump(make()))
    case ["check", path]:
        with open(path, encoding="utf-8") as file:
            wrong = check_file(json.load(file))
        print("\n".join(wrong) or "all as they have to be")
        sys.exit(bool(wrong))
    case _:
        sys.exit(__doc__)
