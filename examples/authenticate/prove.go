package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gammazero/nexus/v3/wamp/crsign"
)

// ticket hands the secret itself to the router.
func ticket(secret string) client.AuthFunc {
	return func(*wamp.Challenge) (string, wamp.Dict) { return secret, nil }
}

// wampCRA proves to know the password without sending it. Whoever pretends to be the
// router can try passwords against the answer, so take a long random one.
func wampCRA(password string) client.AuthFunc {
	return func(c *wamp.Challenge) (string, wamp.Dict) { return crsign.RespondChallenge(password, c, nil), nil }
}

// challengeSize is that of WAMP-cryptosign: a key that signs what isn't one could be made
// to sign something else.
const challengeSize = 32

// cryptosign signs the challenge, and answers with the signature and the challenge.
func cryptosign(key ed25519.PrivateKey) client.AuthFunc {
	return func(c *wamp.Challenge) (string, wamp.Dict) {
		text, _ := wamp.AsString(c.Extra["challenge"])
		challenge, err := hex.DecodeString(text)
		if err != nil || len(challenge) != challengeSize {
			return "", nil // the router refuses that
		}
		return hex.EncodeToString(append(ed25519.Sign(key, challenge), challenge...)), nil
	}
}

// signingKey reads a private key as Crossbar.io's tools write it: its 32 bytes in hex.
func signingKey(text string) (ed25519.PrivateKey, error) {
	seed, err := hex.DecodeString(text)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("the secret is no Ed25519 private key: 64 hex digits")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// publicKey is what the router's configuration lists among authorized_keys.
func publicKey(key ed25519.PrivateKey) string {
	return hex.EncodeToString(key.Public().(ed25519.PublicKey)) // what Public gives
}
