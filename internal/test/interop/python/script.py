"""Runs an Autobahn program as it is, but at the router whose URL is given.

Arguments: the program's path, and the URL to use in place of the one that the
program gives to ApplicationRunner. Ends when standard input closes.
"""

import os
import runpy
import sys
import threading

from autobahn.twisted import wamp


def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    program, url = sys.argv[1:]
    threading.Thread(target=end_with_parent, daemon=True).start()

    class Runner(wamp.ApplicationRunner):
        def __init__(self, _url, *args, **kwargs):
            super().__init__(url, *args, **kwargs)

    wamp.ApplicationRunner = Runner
    sys.argv = [program]
    sys.path[0] = os.path.dirname(program)  # as if it had been started itself
    runpy.run_path(program, run_name="__main__")
