package format_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// keyserviceFile is vectors/keyservice.json, as docs/KEYSERVICE.md tells it.
type keyserviceFile struct {
	Version int   `json:"version"`
	Now     int64 `json:"now"`
	Keys    map[string]struct {
		Signing string `json:"signing"`
		Verify  string `json:"verify"`
	} `json:"keys"`
	Ages map[string]struct {
		Identity  string `json:"identity"`
		Recipient string `json:"recipient"`
	} `json:"ages"`
	Enrolments []statementVector `json:"enrolments"`
	Statements []statementVector `json:"statements"`
	Answers    []statementVector `json:"answers"`
	Files      []statementVector `json:"files"`
	Exchanges  []statementVector `json:"exchanges"`
}

// statementVector is an entry of any of the lists.
type statementVector struct {
	Name   string         `json:"name"`
	Kind   string         `json:"kind"`
	Signer string         `json:"signer"`
	Items  map[string]any `json:"items"`
	Wire   any            `json:"wire"`
	Reason string         `json:"reason"`

	Line string `json:"line"` // of enrolments

	Grant      any `json:"grant"` // of answers
	Ciphertext any `json:"ciphertext"`
	Delegation any `json:"delegation"`
	Fresh      any `json:"fresh"`

	Identity  string `json:"identity"` // of files
	File      any    `json:"file"`
	Plaintext any    `json:"plaintext"`

	Member      string   `json:"member"` // of exchanges
	Ages        []string `json:"ages"`
	Authorities []string `json:"authorities"`
	Now         int64    `json:"now"`
	Nonce       any      `json:"nonce"`
	Held        any      `json:"held"`
	Serial      uint64   `json:"serial"`
}

func readKeyservice(t *testing.T) *keyserviceFile {
	t.Helper()
	text, err := os.ReadFile("../../../vectors/keyservice.json")
	require.NoError(t, err)
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var all keyserviceFile
	require.NoError(t, d.Decode(&all))
	require.Equal(t, 1, all.Version)
	return &all
}

// signing is a signer's key of the file, of which the file has the verify key too.
func (f *keyserviceFile) signing(t *testing.T, name string) cryptobox.SigningKey {
	t.Helper()
	key, err := cryptobox.ParseSigningKey(f.Keys[name].Signing)
	require.NoError(t, err)
	require.Equal(t, f.Keys[name].Verify, key.Public().String())
	return key
}

// statementReasons are the reasons of the file, as errors.
var statementReasons = map[string]error{
	"Malformed": statement.ErrMalformed, "Forged": statement.ErrForged, "Enrolment": keyservice.ErrEnrolment,
}

// items reads the items of a statement.
type items struct {
	t  *testing.T
	of map[string]any
}

func (i items) value(name string) any {
	i.t.Helper()
	require.Contains(i.t, i.of, name)
	return exact(i.t, i.of[name])
}

func (i items) bytes32(name string) [32]byte { return [32]byte(i.value(name).([]byte)) }
func (i items) text(name string) string      { return i.value(name).(string) }

func (i items) uint(name string) uint64 {
	if n, ok := i.value(name).(int64); ok {
		return uint64(n)
	}
	return i.value(name).(uint64)
}

func (i items) time(name string) time.Time { return time.UnixMilli(int64(i.uint(name))).UTC() }

func (i items) key(name string) cryptobox.VerifyKey {
	key, err := cryptobox.NewVerifyKey(i.value(name).([]byte))
	require.NoError(i.t, err)
	return key
}

// signer is what each kind of statement has.
type signer interface {
	Sign(cryptobox.SigningKey) ([]byte, error)
}

// statementOf makes a statement of the items in the file.
func statementOf(t *testing.T, v *statementVector) signer {
	t.Helper()
	i := items{t, v.Items}
	switch v.Kind {
	case "grant":
		return statement.Grant{
			Authority: i.bytes32("authority"), Serial: i.uint("serial"), Member: i.text("member"), Key: i.bytes32("key"),
			Recipient: i.bytes32("recipient"), Issued: i.time("issued"), Expires: i.time("expires"), Ciphertext: i.bytes32("ciphertext"),
		}
	case "delegation":
		return statement.Delegation{Serial: i.uint("serial"), Key: i.key("key"), NotBefore: i.time("not_before"), NotAfter: i.time("not_after")}
	case "get":
		g := statement.Get{
			Authority: i.bytes32("authority"), Member: i.text("member"), Nonce: i.bytes32("nonce"), Serial: i.uint("serial"),
			Ciphertext: i.bytes32("ciphertext"),
		}
		if i.value("next") != nil {
			g.NextRecipient = i.text("next")
		}
		return g
	case "fresh":
		return statement.Fresh{Nonce: i.bytes32("nonce"), Grant: i.bytes32("grant"), Time: i.time("time")}
	}
	t.Fatalf("no kind %q", v.Kind)
	return nil
}

// opened opens a statement of a kind. On an error it is the zero value of its kind.
func opened(t *testing.T, kind string, wire []byte, key cryptobox.VerifyKey) (signer, error) {
	t.Helper()
	switch kind {
	case "grant":
		s, err := statement.OpenGrant(wire, key)
		return s, err
	case "delegation":
		s, err := statement.OpenDelegation(wire, key)
		return s, err
	case "get":
		s, err := statement.OpenGet(wire, key)
		return s, err
	}
	require.Equal(t, "fresh", kind)
	s, err := statement.OpenFresh(wire, key)
	return s, err
}

// TestStatements: what Python signed opens here and is signed here in the same bytes, and what
// has to be refused is, for its reason, with nothing of it handed on.
func TestStatements(t *testing.T) {
	f, seen := readKeyservice(t), map[string]int{}
	zero := map[string]signer{"grant": statement.Grant{}, "delegation": statement.Delegation{}, "get": statement.Get{}, "fresh": statement.Fresh{}}
	for i := range f.Statements {
		v := &f.Statements[i]
		key, wire := f.signing(t, v.Signer), exact(t, v.Wire).([]byte)
		got, err := opened(t, v.Kind, wire, key.Public())
		seen[v.Kind+v.Reason]++
		if v.Reason != "" {
			require.Contains(t, statementReasons, v.Reason)
			require.ErrorIs(t, err, statementReasons[v.Reason], v.Name)
			require.Equal(t, zero[v.Kind], got, v.Name)
			continue
		}
		require.NoError(t, err, v.Name)
		want := statementOf(t, v)
		require.Equal(t, want, got, v.Name)
		again, err := want.Sign(key)
		require.NoError(t, err)
		require.Equal(t, wire, again, v.Name)
		if get, is := got.(statement.Get); is {
			name, err := statement.MemberOf(wire)
			require.NoError(t, err)
			require.Equal(t, get.Member, name)
		}
	}
	for kind := range zero {
		for _, reason := range []string{"", "Malformed", "Forged"} {
			require.Greater(t, seen[kind+reason], 2, "%s %s", kind, reason)
		}
	}
}

// TestAnswers: answers part and are put together as Python has them.
func TestAnswers(t *testing.T) {
	f := readKeyservice(t)
	require.NotEmpty(t, f.Answers)
	for i := range f.Answers {
		v := &f.Answers[i]
		wire := exact(t, v.Wire).([]byte)
		got, err := statement.ParseAnswer(wire)
		if v.Reason != "" {
			require.ErrorIs(t, err, statementReasons[v.Reason], v.Name)
			require.Zero(t, got, v.Name)
			continue
		}
		require.NoError(t, err, v.Name)
		of := func(part any) []byte { return exact(t, part).([]byte) }
		want := statement.Answer{Grant: of(v.Grant), Ciphertext: of(v.Ciphertext), Delegation: of(v.Delegation), Fresh: of(v.Fresh)}
		require.Equal(t, want, got, v.Name)
		again, err := want.Marshal()
		require.NoError(t, err)
		require.Equal(t, wire, again, v.Name)
	}
}

func encoded(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// TestEnrolments: lines of members are read and written as Python has them.
func TestEnrolments(t *testing.T) {
	f := readKeyservice(t)
	require.NotEmpty(t, f.Enrolments)
	for i := range f.Enrolments {
		v := &f.Enrolments[i]
		got, err := keyservice.ParseEnrolment(v.Line)
		if v.Reason != "" {
			require.ErrorIs(t, err, statementReasons[v.Reason], v.Name)
			require.Zero(t, got, v.Name)
			continue
		}
		require.NoError(t, err, v.Name)
		of := items{t, v.Items}
		require.Equal(t, of.text("member"), got.Name)
		require.Equal(t, of.key("key"), got.Key)
		require.Equal(t, of.text("recipient"), got.Recipient)
		require.Equal(t, strings.Join(strings.Fields(v.Line), " "), got.String(), v.Name)
		signature, err := statement.Identity{Name: got.Name, Key: got.Key, Recipient: got.Recipient}.Sign(f.signing(t, v.Signer))
		require.NoError(t, err)
		require.NoError(t, statement.Identity{Name: got.Name, Key: got.Key, Recipient: got.Recipient}.Verify(signature), v.Name)
		require.True(t, strings.HasSuffix(got.String(), " "+encoded(signature[:])), v.Name)
	}
}

// TestGrantFiles: age opens the files that Python made from age's specification, and no other ones.
func TestGrantFiles(t *testing.T) {
	f := readKeyservice(t)
	require.NotEmpty(t, f.Files)
	for name, key := range f.Ages {
		identities, err := age.ParseIdentities(strings.NewReader(key.Identity))
		require.NoError(t, err)
		switch identity := identities[0].(type) {
		case *age.X25519Identity:
			require.Equal(t, key.Recipient, identity.Recipient().String(), name)
		case *age.HybridIdentity:
			require.Equal(t, key.Recipient, identity.Recipient().String(), name)
		default:
			t.Fatalf("%s: %T", name, identity)
		}
	}
	for i := range f.Files {
		v := &f.Files[i]
		identities, err := age.ParseIdentities(strings.NewReader(f.Ages[v.Identity].Identity))
		require.NoError(t, err)
		var plaintext []byte
		r, err := age.Decrypt(bytes.NewReader(exact(t, v.File).([]byte)), identities...)
		if err == nil {
			plaintext, err = io.ReadAll(r)
		}
		if v.Reason != "" {
			require.Equal(t, "Decrypt", v.Reason)
			require.Error(t, err, v.Name)
			continue
		}
		require.NoError(t, err, v.Name)
		require.Equal(t, exact(t, v.Plaintext), plaintext, v.Name)
	}
}
