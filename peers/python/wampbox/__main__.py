"""python -m wampbox vectors > FILE; python -m wampbox check FILE"""
import json
import sys

from .vectors import dump, make
from .vectors.check import check_file

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
