"""Autobahn's side of the comparison.

codec                                           seals and opens with KeyRing.encode, decode
answer URL SERIALIZER URI [NAME KEY NAME KEY]   answers calls with what they have
call   URL SERIALIZER URI [NAME KEY NAME KEY]   calls

Begins with "ready VERSION". Takes lines "seal SIZE NANOSECONDS", "open SIZE NANOSECONDS"
or "call SIZE CALLERS NANOSECONDS", works for at least so long, and answers
"done COUNT NANOSECONDS" or "failed WHY". Ends when standard input closes.
"""

import importlib.metadata
import os
import sys
import threading
from time import perf_counter_ns

import txaio

txaio.use_twisted()

from autobahn.twisted.wamp import ApplicationRunner, ApplicationSession
from autobahn.wamp.cryptobox import Key, KeyRing
from autobahn.wamp.serializer import SERID_TO_SER
from twisted.internet import reactor
from twisted.internet.defer import gatherResults, inlineCallbacks

VERSION = importlib.metadata.version("autobahn")
PREFIX = "com.myapp.encrypted."
OUT = sys.stdout  # which Autobahn gives to its log


def say(*words):
    print(*words, file=OUT, flush=True)


def payload(number, size):
    return (f"{number}: " + "The quick brown fox jumps over the lazy dog. " * (size // 45 + 1))[:size]


def ring(**keys):
    made = KeyRing()
    made.set_key(PREFIX, Key(**keys))
    return made


def codec():
    (private1, public1), (private2, public2) = KeyRing().generate_key(), KeyRing().generate_key()
    originator = ring(originator_priv=private1, responder_pub=public2)
    responder = ring(responder_priv=private2, originator_pub=public1)
    say("ready", VERSION)
    for line in sys.stdin:
        task, size, least = line.split()
        size, least = int(size), int(least)
        uri, args = PREFIX + "bench", [payload(0, size)]
        sealed = originator.encode(True, uri, args)
        batch, count, start, elapsed = min(max(65536 // size, 1), 64), 0, perf_counter_ns(), 0
        while elapsed < least:
            for _ in range(batch):
                if task == "seal":
                    sealed = originator.encode(True, uri, args)
                else:
                    responder.decode(False, uri, sealed)
            count += batch
            elapsed = perf_counter_ns() - start
        if responder.decode(False, uri, sealed) != (uri, args, None):
            say("failed what was opened is not what was sealed")
        else:
            say("done", count, elapsed)


class Session(ApplicationSession):
    @inlineCallbacks
    def onJoin(self, _details):
        role, uri = self.config.extra
        if role == "answer":
            yield self.register(lambda text: text, uri)
        say("ready", VERSION)
        threading.Thread(target=self.read, args=[uri], daemon=True).start()

    def read(self, uri):
        for line in sys.stdin:
            reactor.callFromThread(self.run, uri, *map(int, line.split()[1:]))
        os._exit(0)

    @inlineCallbacks
    def run(self, uri, size, callers, least):
        start = perf_counter_ns()
        try:
            work = [self.calls(uri, payload(i, size), start + least) for i in range(callers)]
            counts = yield gatherResults(work, consumeErrors=True)
            say("done", sum(counts), perf_counter_ns() - start)
        except Exception as error:
            say("failed", repr(error).replace("\n", " "))

    @inlineCallbacks
    def calls(self, uri, text, until):
        count = 0
        while count == 0 or perf_counter_ns() < until:
            answer = yield self.call(uri, text)
            if answer != text:
                raise ValueError("the answer isn't what was called with")
            count += 1
        return count


def session(role, url, serializer, uri, *keys):
    def make(config):
        made = Session(config)
        if keys:
            made.set_payload_codec(ring(**dict(zip(keys[::2], keys[1::2]))))
        return made

    runner = ApplicationRunner(url, "realm1", extra=(role, uri), serializers=[SERID_TO_SER[serializer]()])
    runner.run(make, log_level="warn")


codec() if sys.argv[1] == "codec" else session(*sys.argv[1:])
