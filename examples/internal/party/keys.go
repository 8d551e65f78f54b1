package party

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// PrivateKeyVariable is the environment variable that may hold the private key.
// There is no flag for the key itself: other users of a machine can see the
// command lines of all programs.
const PrivateKeyVariable = "WAMPBOX_PRIVATE_KEY"

var (
	errPeerMissing = errors.New("a private key is given, but not the other end's public key: add -peer-key")
	errOwnMissing  = errors.New("-peer-key is given, but no private key: add -key-file or " + PrivateKeyVariable)
	errNoPrivate   = errors.New("-print-public-key needs a private key: add -key-file or " + PrivateKeyVariable)
)

// keys returns this end's private key and the other's public key: the user's
// own, or the sample where none of the two is given.
func (f *Flags) keys() (cryptobox.PrivateKey, cryptobox.PublicKey, error) {
	text, own, err := f.privateKeyText()
	peer := f.given("peer-key")
	switch {
	case err != nil:
		return cryptobox.PrivateKey{}, cryptobox.PublicKey{}, err
	case own && peer:
		return parseKeys(text, f.peerKey)
	case own:
		return cryptobox.PrivateKey{}, cryptobox.PublicKey{}, errPeerMissing
	case peer:
		return cryptobox.PrivateKey{}, cryptobox.PublicKey{}, errOwnMissing
	}
	return f.sample.parse(f.Name(), os.Stderr)
}

// publicKey returns the public half of the user's own private key.
func (f *Flags) publicKey() (cryptobox.PublicKey, error) {
	text, own, err := f.privateKeyText()
	if err != nil {
		return cryptobox.PublicKey{}, err
	}
	if !own {
		return cryptobox.PublicKey{}, errNoPrivate
	}
	private, err := cryptobox.ParsePrivateKey(text)
	return private.Public(), err
}

// privateKeyText returns the user's private key as it was written. The file
// goes before the environment. One that is given but empty, as an unset shell
// variable makes it, is an error: it must not lead to the sample.
func (f *Flags) privateKeyText() (text string, own bool, err error) {
	if f.given("key-file") {
		text, err = readKeyFile(f.keyFile)
		return text, true, err
	}
	text, own = os.LookupEnv(PrivateKeyVariable)
	if own && text == "" {
		return "", true, errors.New(PrivateKeyVariable + " is set, but empty")
	}
	return text, own, nil
}

// maxKeyFile is far more than a key needs: somebody named the wrong file.
const maxKeyFile = 1024

func readKeyFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("-key-file: %w", err)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	if err != nil {
		return "", fmt.Errorf("-key-file: %w", err)
	}
	return string(text), nil
}

// parseKeys reads both keys. The errors of cryptobox say which key is bad, and
// never repeat its text.
func parseKeys(private, peer string) (cryptobox.PrivateKey, cryptobox.PublicKey, error) {
	privateKey, err := cryptobox.ParsePrivateKey(private)
	if err != nil {
		return cryptobox.PrivateKey{}, cryptobox.PublicKey{}, err
	}
	peerKey, err := cryptobox.ParsePublicKey(peer)
	if err != nil {
		return cryptobox.PrivateKey{}, cryptobox.PublicKey{}, fmt.Errorf("-peer-key: %w", err)
	}
	return privateKey, peerKey, nil
}
