package keyfile

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile/document"
)

// Text makes a Secret of a text: base64, env:NAME or file:PATH.
func Text(text string) Secret { return document.Text(text) }

// PrivateKey writes a private key as base64.
func PrivateKey(k cryptobox.PrivateKey) Secret { return document.PrivateKey(k) }

// PublicKey writes a public key as base64.
func PublicKey(k cryptobox.PublicKey) Secret { return document.PublicKey(k) }

// SymmetricKey writes a symmetric key as base64.
func SymmetricKey(k cryptobox.SymmetricKey) Secret { return document.SymmetricKey(k) }
