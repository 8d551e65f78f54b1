"""Runs a Crossbar.io node in the folder that it is started in. The argument is its log level.

The node and its workers end when standard input closes, so that none outlives
the test process that started it, however that process ended.
"""

import os
import signal
import sys
import threading

import crossbar


def end_with_parent():
    while os.read(0, 4096):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.argv = ["crossbar", "start", "--cbdir", os.getcwd(), "--color", "false", "--loglevel", sys.argv[1]]
    sys.exit(crossbar.run())
