package keyfile

import (
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Version is one version of a pattern's key, as the file writes it.
type Version struct {
	ID         string // empty where it is derived from the keys
	Dates      keyring.Dates
	Created    time.Time
	Revoked    bool
	Comment    string
	Originator *Side
	Responder  *Side
	Shared     Secret
	Sign       Secret // the parts of a signed key: see [keyring.Signing]
	Seal       Secret
	Read       Secret
	Senders    []Party
	Answerers  []Party
	// AnyAnswerer and SignedOnce are that key's too.
	AnyAnswerer, SignedOnce bool
	Dialect                 cryptobox.Dialect
	Suite                   cryptobox.Suite // of a pair in our dialect, where 0 is box, and of a signed key
	Algorithm               string          // of Shared in passthru; empty is xsalsa20poly1305

	line int // 0 where it was never read
}

// Side is what the file holds of one end of an exchange.
type Side struct {
	Private Secret
	Public  Secret
}

// Line gives the line that the version begins on, 0 if it was never read.
func (v *Version) Line() int { return v.line }

// Name says which version is meant, as far as it is known: versions[1] id "2026". What
// looks like a key in it is left out.
func (v *Version) Name(index int) string {
	name := fmt.Sprintf("versions[%d]", index)
	if v.ID != "" {
		name += fmt.Sprintf(" id %.256q", v.ID)
	}
	return Conceal(name)
}

// Wipe overwrites the version's secrets.
func (v *Version) Wipe() {
	for _, s := range v.secrets() {
		s.Wipe()
	}
}

// secrets gives what must not be shown of a version.
func (v *Version) secrets() []Secret {
	list := []Secret{v.Shared, v.Sign, v.Read}
	for _, side := range []*Side{v.Originator, v.Responder} {
		if side != nil {
			list = append(list, side.Private)
		}
	}
	return list
}

// versionFields are a version's, in the order in which they are written.
const versionFields = "id, active_from, not_after, created, revoked, comment, " +
	"originator, responder, shared, sign, seal, read, senders, answerers, any_answerer, signed_once, dialect, suite, algorithm"
