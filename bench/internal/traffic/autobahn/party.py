"""One Autobahn session that calls, or answers calls.

Begins with {"ready": true}. Takes commands as JSON objects, one a line, and answers
each with one line: what was asked for, or {"failed": why}. Ends when standard input
closes.

join      url, realm, serializer, uri, and keys: null for plain payloads, else a dict
          with two of originator_priv, originator_pub, responder_priv, responder_pub
register  procedure: answered with what it was called with
calls     procedure, text, at_once, nanoseconds: so many callers call with a number and
          the text, each again when it is answered, for at least so long
"""

import json
import os
import resource
import sys
import threading
from time import perf_counter_ns

import txaio

txaio.use_twisted()

from autobahn.twisted.wamp import ApplicationRunner, ApplicationSession
from autobahn.wamp.cryptobox import Key, KeyRing
from autobahn.wamp.serializer import SERID_TO_SER
from autobahn.wamp.types import CallResult
from twisted.internet import reactor, stdio
from twisted.internet.defer import Deferred, gatherResults, inlineCallbacks, maybeDeferred, returnValue
from twisted.protocols.basic import LineOnlyReceiver


def cpu_ns():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return int((usage.ru_utime + usage.ru_stime) * 1e9)


class Session(ApplicationSession):
    def onJoin(self, details):
        self.config.extra.callback(self)


class Link(LineOnlyReceiver):
    delimiter = b"\n"
    MAX_LENGTH = 1 << 20

    def __init__(self):
        self.session = None

    def connectionMade(self):
        self.send({"ready": True})

    def send(self, what):
        self.sendLine(json.dumps(what).encode("ascii"))

    def lineReceived(self, line):
        cmd = json.loads(line)
        done = maybeDeferred(getattr(self, "do_" + cmd["op"]), cmd)
        done.addCallbacks(self.send, lambda failure: self.send({"failed": failure.getTraceback()}))

    def do_join(self, cmd):
        joined = Deferred()

        def make(config):
            session = Session(config)
            if cmd["keys"] is not None:
                ring = KeyRing()
                ring.set_key(cmd["uri"], Key(**cmd["keys"]))
                session.set_payload_codec(ring)
            return session

        def attached(session):
            self.session = session
            return {}

        runner = ApplicationRunner(
            cmd["url"], cmd["realm"], extra=joined, serializers=[SERID_TO_SER[cmd["serializer"]]()]
        )
        connecting = runner.run(make, start_reactor=False)
        connecting.addErrback(lambda failure: joined.called or joined.errback(failure))
        return joined.addCallback(attached)

    @inlineCallbacks
    def do_register(self, cmd):
        yield self.session.register(lambda *args: CallResult(*args), cmd["procedure"])
        returnValue({})

    @inlineCallbacks
    def do_calls(self, cmd):
        used = cpu_ns()
        start = perf_counter_ns()
        until = start + cmd["nanoseconds"]
        latencies = yield gatherResults(
            [self.caller(cmd["procedure"], number, cmd["text"], until) for number in range(cmd["at_once"])],
            consumeErrors=True,
        )
        elapsed = perf_counter_ns() - start
        returnValue(
            {
                "elapsed": elapsed,
                "latencies": [latency for caller in latencies for latency in caller],
                "cpu": cpu_ns() - used,
            }
        )

    @inlineCallbacks
    def caller(self, procedure, number, text, until):
        latencies = []
        while True:
            name = f"{number}-{len(latencies)}"
            start = perf_counter_ns()
            result = yield self.session.call(procedure, name, text)
            end = perf_counter_ns()
            if tuple(result.results) != (name, text):
                raise ValueError("the answer isn't what was called with")
            latencies.append(end - start)
            if end > until:
                returnValue(latencies)

    def do_cpu(self, _cmd):
        return {"cpu": cpu_ns()}

    def connectionLost(self, reason):
        # A router that is gone must not keep the process.
        end = threading.Timer(3, os._exit, [0])
        end.daemon = True
        end.start()
        if reactor.running:
            reactor.stop()


def main():
    # Only the link writes to standard output: whatever else prints goes to standard
    # error.
    out = os.dup(1)
    os.dup2(2, 1)
    txaio.config.loop = reactor
    txaio.start_logging(out=sys.stderr, level="warn")
    stdio.StandardIO(Link(), stdout=out)
    reactor.run()


if __name__ == "__main__":
    main()
