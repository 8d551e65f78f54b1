package attacks_test

import (
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// rawKey is who holds a key and seals what need be no record: as the caller in one direction,
// as the callee, to the last call, in the other.
type rawKey interface {
	Seal(direction cryptobox.Direction, record []byte) []byte
	Token(call []byte) []byte
}

var (
	_ rawKey = (*harness.Raw)(nil)
	_ rawKey = (*rawSigned)(nil)
)

// rawSigned holds the reading key and both signing keys.
type rawSigned struct {
	*harness.RawSigned
	parties *harness.Signed
	once    bool          // in form 2 where that is one
	last    func() []byte // call
}

// Seal seals a record, signed by who has to.
func (r *rawSigned) Seal(direction cryptobox.Direction, record []byte) []byte {
	c, sign := r.Begin(), r.parties.Sign[harness.Originating]
	if direction == cryptobox.Answer {
		sign = r.parties.Sign[harness.Responding]
		if call := r.last(); call != nil {
			c = r.Enter(call)
		}
	}
	nonce := c.Nonce(direction, nil)
	plaintext := c.Signed(sign, direction, nonce, record)
	if realm, from, ok := rawSpeaker(record); r.once && ok {
		now := uint64(time.Now().UnixMilli())
		plaintext = c.Once(sign, direction, harness.Voucher{Realm: realm, From: from, NotBefore: now - 60_000, NotAfter: now + 60_000}, record)
	}
	return c.Seal(direction, nonce, plaintext)
}

// Token opens a call for it.
func (r *rawSigned) Token(call []byte) []byte {
	c := r.Enter(call)
	return c.Token(cryptobox.Message, call, c.Open(cryptobox.Message, call))
}

// rawSpeaker gives realm and sender of a sound record that may be in form 2.
func rawSpeaker(record []byte) (realm string, from cryptobox.SenderID, ok bool) {
	if len(record) < 3 || record[1] == byte(cryptobox.KindPublish) || record[1] == byte(cryptobox.KindRefusal) {
		return "", from, false
	}
	text := func(at int) (string, int) {
		if at+2 > len(record) {
			return "", len(record)
		}
		size, begin := int(record[at]&31), at+1
		if size == 24 {
			size, begin = int(record[at+1]), at+2
		}
		end := min(begin+size, len(record))
		return string(record[begin:end]), end
	}
	realm, at := text(2)
	_, at = text(at)
	if at+17 > len(record) {
		return "", from, false
	}
	return realm, cryptobox.SenderID(record[at+1 : at+17]), true
}

// raw is who holds the keys of both ends.
func (th *theatre) raw() rawKey {
	th.t.Helper()
	if p := th.Parties(); p != nil {
		return &rawSigned{RawSigned: harness.RawReader(th.t, p.Read), parties: p, last: th.lastCall}
	}
	suite := th.Suite
	if suite == 0 {
		suite = cryptobox.SuiteBox
	}
	return harness.RawPair(th.t, th.Keys, suite)
}

// lastCall is what the caller has sealed last.
func (th *theatre) lastCall() []byte {
	th.t.Helper()
	return th.await(th.caller.conn, proxy.Up, typed(wamp.CALL)).Bytes()
}

// suite is a suite in a form.
type suite struct {
	name string
	of   cryptobox.Suite
	once bool // signed once, and sealed in form 2 by who seals raw
}

// suites are those of tests that choose one, and one of the signed ones.
func suites(t *testing.T) []suite {
	return append([]suite{{"box", cryptobox.SuiteBox, false}, {"xbox", cryptobox.SuiteXBox, false}, {"shared", cryptobox.SuiteShared, false}}, inTurn(t, signedSuites)...)
}

var signedSuites = []suite{
	{"signed", cryptobox.SuiteSigned, false},
	{"signed-once", cryptobox.SuiteSigned, true},
	{"signed-pq", cryptobox.SuiteSignedPQ, false},
	{"signed-pq-once", cryptobox.SuiteSignedPQ, true},
}

// withRaw has both ends hold new keys of a suite, and returns what seals with them.
func (th *theatre) withRaw(s suite) rawKey {
	th.t.Helper()
	switch s.of {
	case cryptobox.SuiteShared:
		key := cryptobox.GenerateSymmetricKey()
		th.withKeys(harness.SharedKeys(keyring.Shared(key)))
		return harness.RawShared(th.t, key)
	case cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ:
		th.withKeys(harness.SignedKeys(s.of, s.once))
		raw := th.raw().(*rawSigned)
		raw.once = s.once
		return raw
	}
	keys := harness.NewKeys()
	keys.Suite = s.of
	th.withKeys(keys)
	return th.raw()
}
