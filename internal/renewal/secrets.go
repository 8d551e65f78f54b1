package renewal

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// PrivateSide gives one side of a pair with its private key.
func PrivateSide(key cryptobox.PrivateKey) *keyfile.Side {
	return &keyfile.Side{Private: keyfile.PrivateKey(key)}
}

// PublicSide gives one side of a pair with its public key alone.
func PublicSide(key cryptobox.PublicKey) *keyfile.Side {
	return &keyfile.Side{Public: keyfile.PublicKey(key)}
}

// HasPrivate tells whether a side is there, with its private key.
func HasPrivate(side *keyfile.Side) bool { return side != nil && !side.Private.IsZero() }

// IsShared tells whether a version holds a secret of all parties: a shared key, or one
// private key for both sides.
func IsShared(v *keyfile.Version) bool {
	return !v.Shared.IsZero() ||
		HasPrivate(v.Originator) && HasPrivate(v.Responder) && v.Originator.Private.Equal(v.Responder.Private)
}

// CopySecret gives a version the secret that all parties share, as another one has it.
func CopySecret(to, from *keyfile.Version) {
	to.Shared = Copied(from.Shared)
	if from.Originator != nil {
		private := from.Originator.Private
		to.Originator, to.Responder = &keyfile.Side{Private: Copied(private)}, &keyfile.Side{Private: Copied(private)}
	}
}

// Copied gives a Secret that is wiped by itself.
func Copied(s keyfile.Secret) keyfile.Secret { return keyfile.Text(string(s.UnsafeText())) }

// copiedParties copies a list.
func copiedParties(list []keyfile.Party) []keyfile.Party {
	var next []keyfile.Party
	for _, p := range list {
		next = append(next, keyfile.Party{Name: p.Name, Key: Copied(p.Key)})
	}
	return next
}
