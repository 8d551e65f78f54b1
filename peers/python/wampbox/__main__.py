"""python -m wampbox vectors [keyservice | scrambling] > FILE; python -m wampbox check FILE"""
import json
import pathlib
import sys

from .vectors import dump, make
from .vectors.check import check_file
from .vectors.check_keyservice import check_keyservice
from .vectors.check_scrambling import check_scrambling
from .vectors.keyservice import make_keyservice
from .vectors.scrambling import make_scrambling

match sys.argv[1:]:
    case ["vectors"]:
        sys.stdout.write(dump(make()))
    case ["vectors", "keyservice"]:
        sys.stdout.write(dump(make_keyservice()))
    case ["vectors", "scrambling"]:
        sys.stdout.write(dump(make_scrambling()))
    case ["check", path]:
        document = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        check = check_keyservice if "statements" in document else check_scrambling if "lookups" in document else check_file
        wrong = check(document)
        print("\n".join(wrong) or "all as they have to be")
        sys.exit(bool(wrong))
    case _:
        sys.exit(__doc__)
