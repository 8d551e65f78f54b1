package grantor

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// How long an authority's word counts here.
const (
	Valid = 28 * 24 * time.Hour
	Grace = 7 * 24 * time.Hour
)

// Authority makes grants and delegations.
type Authority struct {
	Key    cryptobox.SigningKey
	Ahead  time.Duration // of its clock, of ours
	serial uint64
}

// NewAuthority makes one with a new key.
func NewAuthority() *Authority { return &Authority{Key: cryptobox.GenerateSigningKey()} }

// Now is the time by its clock, in whole milliseconds.
func (a *Authority) Now() time.Time { return time.UnixMilli(time.Now().Add(a.Ahead).UnixMilli()).UTC() }

// Grant is one as it travels.
type Grant struct {
	Member           string
	Key              cryptobox.VerifyKey // of the member
	Wire, Ciphertext []byte
}

// Draft is a grant before it is encrypted and signed.
type Draft struct {
	statement.Grant
	Entries    string // of the keyring, as JSON in a list
	Top        string // more of the keyring's object, with a comma behind it
	Inside     statement.Grant
	By         cryptobox.VerifyKey // inside
	OpensUntil time.Time           // inside
	To         []age.Recipient
	Text       []byte // of the keyring, in place of what is made of the above
	Ciphertext []byte // in place of what is made of Text
	SignBy     cryptobox.SigningKey
	Sign       func(*statement.Grant) // changes what is signed at last
}

// Issue makes a grant of a keyring's entries. Edits change the draft.
func (a *Authority) Issue(t testing.TB, e keyservice.Enrolment, entries string, edits ...func(*Draft)) Grant {
	t.Helper()
	now := a.Now()
	a.serial = max(a.serial+1, uint64(now.UnixMilli()))
	to, err := keyservice.ParseRecipient(e.Recipient)
	require.NoError(t, err)
	d := &Draft{
		Grant: statement.Grant{
			Authority: statement.HashOfKey(a.Key.Public()), Serial: a.serial, Member: e.Name, Key: statement.HashOfKey(e.Key),
			Recipient: statement.HashOf(e.Recipient), Issued: now, Expires: now.Add(Valid),
		},
		Entries: entries, By: a.Key.Public(), OpensUntil: now.Add(Valid + Grace), To: []age.Recipient{to}, SignBy: a.Key,
	}
	d.Inside = d.Grant
	for _, edit := range edits {
		edit(d)
	}
	return d.grant(t, e)
}

func (d *Draft) grant(t testing.TB, e keyservice.Enrolment) Grant {
	if d.Text == nil {
		d.Text = fmt.Appendf(nil, `{"version": 2, %s"grant": {"authority": %q, "serial": %d, "member": %q, "expires": %q, "opens_until": %q}, "patterns": [%s]}`,
			d.Top, d.By, d.Inside.Serial, d.Inside.Member, d.Inside.Expires.Format(time.RFC3339Nano), d.OpensUntil.Format(time.RFC3339Nano), d.Entries)
	}
	if d.Ciphertext == nil {
		d.Ciphertext = Encrypt(t, d.Text, d.To...)
	}
	d.Grant.Ciphertext = statement.HashOf(d.Ciphertext)
	if d.Sign != nil {
		d.Sign(&d.Grant)
	}
	wire, err := d.Grant.Sign(d.SignBy)
	require.NoError(t, err)
	return Grant{Member: e.Name, Key: e.Key, Wire: wire, Ciphertext: d.Ciphertext}
}

// Encrypt encrypts a text by age.
func Encrypt(t testing.TB, text []byte, to ...age.Recipient) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	require.NoError(t, err)
	_, err = w.Write(text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// Delegate lets a key prove what is fresh, from now on or from other dates.
func (a *Authority) Delegate(t testing.TB, key cryptobox.VerifyKey, edits ...func(*statement.Delegation)) []byte {
	t.Helper()
	now := a.Now()
	a.serial = max(a.serial+1, uint64(now.UnixMilli()))
	d := statement.Delegation{Serial: a.serial, Key: key, NotBefore: now, NotAfter: now.Add(Valid)}
	for _, edit := range edits {
		edit(&d)
	}
	wire, err := d.Sign(a.Key)
	require.NoError(t, err)
	return wire
}
