package lint

import (
	"bytes"
	"encoding/base64"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// published are the public keys of private keys that everybody knows: those of
// Crossbar.io's cryptobox example.
var published = []string{
	"GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=",
	"5Q3rK3UhNZzdviBw9MtbNrrPHR9bsFSGMEtr2H3ZaxQ=",
	"aAVTGg/Er91r5NYRkgy9QMyibWxphwzOAkL9wzUmQwA=",
}

// weak looks for keys that aren't secret. Loading has refused those that are no
// keys at all.
func (r *report) weak(v *version) {
	secrets := map[string]keyfile.Secret{"shared": v.Shared}
	if v.Originator != nil {
		secrets["originator.private"] = v.Originator.Private
	}
	if v.Responder != nil {
		secrets["responder.private"] = v.Responder.Private
	}
	for _, field := range []string{"originator.private", "responder.private", "shared"} {
		b := r.key(secrets[field])
		key, err := cryptobox.NewPrivateKey(b)
		if err != nil {
			continue
		}
		switch {
		case slices.Contains(published, key.Public().String()):
			r.add(v, WeakKey, "%s: this key is published, in the example of Crossbar.io: make another with wampbox rotate, and revoke this one", field)
		case madeUp(b):
			r.add(v, WeakKey, "%s: the key doesn't look random: make another with wampbox rotate, and revoke this one", field)
		}
		clear(b)
	}
	for field, secret := range map[string]keyfile.Secret{"sign": v.Sign, "read": v.Read} {
		if b := typed(secret); b != nil {
			if madeUp(b) {
				r.add(v, WeakKey, "%s: the key doesn't look random: make another, with wampbox add -signing or wampbox rotate", field)
			}
			clear(b)
		}
	}
}

// typed gives the bytes of a secret that scrambles, or of a key of a signed key, that is written
// in the file itself, nil for others.
func typed(s keyfile.Secret) []byte {
	kind, encoded, _ := bytes.Cut(s.UnsafeText(), []byte(":"))
	switch string(kind) {
	case "ed25519", "x25519", "xwing", "scramble":
	default:
		return nil
	}
	b := make([]byte, base64.StdEncoding.DecodedLen(len(encoded)))
	n, err := base64.StdEncoding.Decode(b, encoded)
	if err != nil || n == 0 {
		return nil // loading says so
	}
	return b[:n]
}

// madeUp tells bytes that no generator of random ones gives: few values, equal
// steps, or all of them printable text. By chance that happens to less than one
// key in 2^40.
func madeUp(b []byte) bool {
	values := map[byte]bool{}
	steps := map[byte]bool{}
	text := true
	for i, c := range b {
		values[c] = true
		if i > 0 {
			steps[c-b[i-1]] = true
		}
		text = text && c >= ' ' && c <= '~'
	}
	return len(values) <= fewValues || len(steps) <= fewSteps || text
}

// Of 32 random bytes, 30 differ on average, and as many steps between them.
const (
	fewValues = 12
	fewSteps  = 12
)
