"""python -m wampbox vectors > FILE; python -m wampbox check FILE"""
import json
import pathlib
import sys

from .vectors import dump, make
from .vectors.check import check_file

match sys.argv[1:]:
    case ["vectors"]:
        sys.stdout.write(dump(make()))
    case ["check", path]:
        wrong = check_file(json.loads(pathlib.Path(path).read_text(encoding="utf-8")))
        print("\n".join(wrong) or "all as they have to be")
        sys.exit(bool(wrong))
    case _:
        sys.exit(__doc__)
