"""The responder as Crossbar.io's cryptobox example has it: two procedures and a
topic, each plain and encrypted."""

from autobahn.twisted.wamp import ApplicationRunner, ApplicationSession
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import RegisterOptions, SubscribeOptions

import keys


class Responder(ApplicationSession):
    async def onJoin(self, _details):
        self.set_payload_codec(keys.ring("responder"))

        def add2(a, b, details=None):
            print(f"call {details.procedure} ({details.enc_algo})")
            return a + b

        def failme(encrypted_error, details=None):
            print(f"call {details.procedure} ({details.enc_algo})")
            uri = "com.myapp.encrypted.error1" if encrypted_error else "com.myapp.error1"
            raise ApplicationError(uri, custom1=23, custom2="Hello")

        def hello(msg, details=None):
            print(f"event {details.topic}: {msg!r} ({details.enc_algo})")

        for prefix in ("com.myapp.", "com.myapp.encrypted."):
            options = RegisterOptions(details_arg="details")
            await self.register(add2, prefix + "add2", options=options)
            await self.register(failme, prefix + "failme", options=options)
            options = SubscribeOptions(details_arg="details")
            await self.subscribe(hello, prefix + "hello", options=options)
        print("session ready")


if __name__ == "__main__":
    ApplicationRunner("ws://127.0.0.1:8080", "realm1").run(Responder)
