"""The originator as Crossbar.io's cryptobox example has it: it calls and publishes,
each plain and encrypted, and says what comes of it."""

from autobahn.twisted.wamp import ApplicationRunner, ApplicationSession
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import PublishOptions
from twisted.internet import reactor

import keys

PREFIXES = ("com.myapp.", "com.myapp.encrypted.")


class Originator(ApplicationSession):
    async def onJoin(self, _details):
        self.set_payload_codec(keys.ring("originator"))
        for n in (1, 2, 3):
            for prefix in PREFIXES:
                print(f"{prefix}add2: {await self.call(prefix + 'add2', 23, n)}")
            for prefix in PREFIXES:
                await self.say(prefix + "hello", f"Counter is at {n}")
        for prefix in PREFIXES:
            for encrypted_error in (False, True):
                await self.fail(prefix + "failme", encrypted_error)
        print("all done")
        self.leave()

    async def say(self, topic, text):
        options = PublishOptions(acknowledge=True, exclude_me=False)
        publication = await self.publish(topic, text, options=options)
        print(f"{topic}: encrypted={publication.was_encrypted}")

    async def fail(self, procedure, encrypted_error):
        try:
            await self.call(procedure, encrypted_error)
        except ApplicationError as e:
            kwargs = dict(sorted(e.kwargs.items()))
            print(f"{procedure}({encrypted_error}): {e.error} {kwargs} ({e.enc_algo})")
        else:
            print(f"{procedure}({encrypted_error}): no error")

    def onDisconnect(self):
        reactor.stop()


if __name__ == "__main__":
    ApplicationRunner("ws://127.0.0.1:8080", "realm1").run(Originator)
