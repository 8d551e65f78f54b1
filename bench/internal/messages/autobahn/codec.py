"""Seals and opens with Autobahn's KeyRing.encode and decode.

Begins with "ready VERSION". Takes lines "seal SIZE NANOSECONDS" and "open SIZE
NANOSECONDS", works for at least so long, and answers "done COUNT NANOSECONDS" or
"failed WHY". Ends when standard input closes.

The payload is one argument: text up to 1 KiB, bytes above, which Autobahn writes as
base64 into its JSON.
"""

import importlib.metadata
import os
import sys
from time import perf_counter_ns

import txaio

txaio.use_twisted()

from autobahn.wamp.cryptobox import Key, KeyRing

URI = "com.myapp.encrypted.bench"
TEXT_UP_TO = 1024


def rings():
    """Those of the two ends."""
    maker = KeyRing()
    originator_priv, originator_pub = maker.generate_key()
    responder_priv, responder_pub = maker.generate_key()
    originator, responder = KeyRing(), KeyRing()
    originator.set_key("com.myapp.encrypted.", Key(originator_priv=originator_priv, responder_pub=responder_pub))
    responder.set_key("com.myapp.encrypted.", Key(responder_priv=responder_priv, originator_pub=originator_pub))
    return originator, responder


def payload(size):
    if size <= TEXT_UP_TO:
        return ("The quick brown fox jumps over the lazy dog. " * (size // 45 + 1))[:size]
    return os.urandom(size)


def timed(work, size, at_least):
    batch = min(max(65536 // size, 1), 64)
    count = 0
    start = perf_counter_ns()
    while True:
        for _ in range(batch):
            result = work()
        count += batch
        elapsed = perf_counter_ns() - start
        if elapsed >= at_least:
            return result, count, elapsed


def run(task, size, at_least, originator, responder):
    args = [payload(size)]
    if task == "seal":
        sealed, count, elapsed = timed(lambda: originator.encode(True, URI, args), size, at_least)
        opened = responder.decode(False, URI, sealed)
    else:
        sealed = originator.encode(True, URI, args)
        opened, count, elapsed = timed(lambda: responder.decode(False, URI, sealed), size, at_least)
    if opened != (URI, args, None):
        raise ValueError("what was opened is not what was sealed")
    return f"done {count} {elapsed}"


def main():
    originator, responder = rings()
    print("ready", importlib.metadata.version("autobahn"), flush=True)
    for line in sys.stdin:
        try:
            task, size, at_least = line.split()
            if task not in ("seal", "open"):
                raise ValueError("the task is unknown")
            answer = run(task, int(size), int(at_least), originator, responder)
        except Exception as error:
            answer = f"failed {type(error).__name__}: {error}".replace("\n", " ")
        print(answer, flush=True)


if __name__ == "__main__":
    main()
