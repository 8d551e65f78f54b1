package renewal

import (
	"cmp"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Manner is how a version seals that is being made.
type Manner struct {
	Dialect cryptobox.Dialect
	Suite   cryptobox.Suite // of a pair in our dialect, where 0 is box, or of a signed key
	ID      string          // given in passthru, and empty where one follows from the keys
}

// Version gives an empty version of this manner.
func (m *Manner) Version(created time.Time) *keyfile.Version {
	v := &keyfile.Version{ID: m.ID, Created: Moment(created), Dialect: m.Dialect, Suite: m.Suite}
	if m.Suite == cryptobox.SuiteBox {
		v.Suite = 0 // what the file says by saying nothing
	}
	return v
}

// PairID gives the id of a pair of keys.
func (m *Manner) PairID(originator, responder cryptobox.PublicKey) string {
	switch suite := m.Suite; {
	case m.ID != "":
		return m.ID
	case m.Dialect.Foreign():
		return cryptobox.PairID(0, originator, responder).String()
	case suite == 0:
		return cryptobox.PairID(cryptobox.SuiteBox, originator, responder).String()
	default:
		return cryptobox.PairID(suite, originator, responder).String()
	}
}

// Share gives a version a new secret of all parties, and tells its id.
func (m *Manner) Share(v *keyfile.Version) string {
	if m.Dialect == cryptobox.Autobahn { // which has pairs alone
		both := cryptobox.GenerateKey()
		v.Originator, v.Responder = PrivateSide(both), PrivateSide(both)
		return m.PairID(both.Public(), both.Public())
	}
	key := cryptobox.GenerateSymmetricKey()
	v.Shared = keyfile.SymmetricKey(key)
	return cmp.Or(m.ID, cryptobox.SharedID(key).String())
}

// Name gives versions their id where the file needs one.
func (m *Manner) Name(id string, versions ...*keyfile.Version) {
	for _, v := range versions {
		if v.ID = ""; m.Dialect == cryptobox.Passthru {
			v.ID = id
		}
	}
}

// Same tells whether a version is of this manner.
func (m *Manner) Same(v keyring.VersionInfo) bool {
	return m.Dialect == v.Dialect && (m.Suite == v.Suite || m.Suite == 0 && v.Suite != cryptobox.SuiteXBox)
}
