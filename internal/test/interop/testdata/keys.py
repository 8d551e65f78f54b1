"""The keys that Crossbar.io's cryptobox example is published with, under the names
that vectors/autobahn_cryptobox.json gives them. They protect nothing."""

from autobahn.wamp.cryptobox import Key, KeyRing

ORIGINATOR_PRIV = "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="
ORIGINATOR_PUB = "GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0="
RESPONDER_PRIV = "ss1v3Nbg65NGGzz8fno17hUCS669pIvPKd3T40oWkEE="
RESPONDER_PUB = "5Q3rK3UhNZzdviBw9MtbNrrPHR9bsFSGMEtr2H3ZaxQ="


def ring(role):
    keyring = KeyRing()
    if role == "originator":
        key = Key(originator_priv=ORIGINATOR_PRIV, responder_pub=RESPONDER_PUB)
    else:
        key = Key(responder_priv=RESPONDER_PRIV, originator_pub=ORIGINATOR_PUB)
    keyring.set_key("com.myapp.encrypted.", key)
    return keyring
