package cryptobox_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// example is a message that another program made.
type example struct {
	Name      string          `json:"name"`
	Suite     cryptobox.Suite `json:"suite"`
	Hash      string          `json:"h"`
	KeyID     string          `json:"key_id"`
	Record    string          `json:"record"`
	Plaintext string          `json:"plaintext"`
	Token     string          `json:"token"`
	Enc       string          `json:"enc"`
	Direction string          `json:"direction"`
}

func (e *example) direction() cryptobox.Direction {
	if e.Direction == "message" {
		return cryptobox.Message
	}
	return cryptobox.Answer
}

// keys are those of the examples, by suite.
type keys map[cryptobox.Suite]*cryptobox.SuiteKey

var suites = []cryptobox.Suite{cryptobox.SuiteBox, cryptobox.SuiteXBox, cryptobox.SuiteShared}

// exampleFile is what another program made.
type exampleFile struct {
	Keys     map[string]string `json:"keys"`
	Examples []example         `json:"examples"`
}

func readExampleFile(t testing.TB) (file exampleFile) {
	t.Helper()
	data, err := os.ReadFile("testdata/format2_examples.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &file))
	return file
}

// readExamples gives the examples of suites 1 to 3, and the keys of a party: both
// compute the same.
func readExamples(t testing.TB, party, peer string) (keys, []example) {
	t.Helper()
	file := readExampleFile(t)
	private, err := cryptobox.ParsePrivateKey(file.Keys[party+"_private"])
	require.NoError(t, err)
	public := map[string]cryptobox.PublicKey{}
	for _, role := range []string{"originator", "responder"} {
		public[role], err = cryptobox.ParsePublicKey(file.Keys[role+"_public"])
		require.NoError(t, err)
	}
	symmetric, err := cryptobox.ParseSymmetricKey(file.Keys["shared"])
	require.NoError(t, err)
	shared, err := cryptobox.NewSharedKey(symmetric)
	require.NoError(t, err)
	made := keys{cryptobox.SuiteShared: shared}
	secret, err := cryptobox.NewBox(private, public[peer])
	require.NoError(t, err)
	for _, suite := range suites[:2] {
		made[suite], err = cryptobox.NewPairKey(suite, secret, public["originator"], public["responder"])
		require.NoError(t, err)
	}
	examples := slices.DeleteFunc(file.Examples, func(e example) bool { return made[e.Suite] == nil })
	require.Len(t, examples, 18)
	return made, examples
}

// known is a Box of a secret that is one byte 32 times.
func known(t testing.TB, b byte) *cryptobox.Box { return secretBox(t, symmetric(t, b)) }

// symmetric is a key that is one byte 32 times.
func symmetric(t testing.TB, b byte) cryptobox.SymmetricKey {
	t.Helper()
	key, err := cryptobox.NewSymmetricKey(bytes.Repeat([]byte{b}, 32))
	require.NoError(t, err)
	return key
}

// sharedKey is a key of suite 3.
func sharedKey(t testing.TB) *cryptobox.SuiteKey {
	t.Helper()
	key, err := cryptobox.NewSharedKey(symmetric(t, 1))
	require.NoError(t, err)
	return key
}

// someKeys are keys of the originator of the examples.
func someKeys(t testing.TB) keys {
	t.Helper()
	made, _ := readExamples(t, "originator", "responder")
	return made
}

// headOf is a Head that is fine for its kind.
func headOf(kind cryptobox.Kind) cryptobox.Head {
	return cryptobox.Head{Kind: kind, From: cryptobox.SenderID{1, 2, 3}, N: 7, TS: 1_790_000_000_000}
}

// event is a record that holds args and kwargs.
func event(args []any, kwargs map[string]any) *cryptobox.Record {
	rec := cryptobox.NewRecord(headOf(cryptobox.KindPublish), "realm1", "com.myapp.hello", args, kwargs)
	return &rec
}

// open opens enc, and releases it with the test.
func open(t testing.TB, key *cryptobox.SuiteKey, enc []byte, direction cryptobox.Direction) (*cryptobox.Opened, error) {
	t.Helper()
	opened := new(cryptobox.Opened)
	err := key.Open(enc, direction, opened)
	if err != nil {
		if !errors.As(err, new(*cryptobox.WrongKindError)) { // which leaves the record
			requireEmpty(t, opened)
		}
		require.True(t, opened.Token.IsZero() || !errors.Is(err, cryptobox.ErrOpen), "the token of what isn't authentic")
	}
	t.Cleanup(opened.Release)
	return opened, err
}

// requireEmpty: it holds nothing.
func requireEmpty(t testing.TB, opened *cryptobox.Opened) {
	t.Helper()
	require.Equal(t, cryptobox.Head{}, opened.Head)
	require.Empty(t, opened.Realm())
	require.Empty(t, opened.URI())
	require.True(t, opened.HasURI("") && opened.HasRealm("") && !opened.HasURI("x") && !opened.HasRealm("x"))
	args, kwargs, err := opened.Values()
	require.ErrorIs(t, err, cryptobox.ErrReleased)
	require.Nil(t, args)
	require.Nil(t, kwargs)
}

// openRecord seals bytes that need not be a record as a message of suite 3, and opens them.
func openRecord(t testing.TB, record []byte, direction cryptobox.Direction) (*cryptobox.Opened, error) {
	t.Helper()
	key := sharedKey(t)
	enc, err := cryptobox.SealBytes(key, direction, record)
	require.NoError(t, err)
	return open(t, key, enc, direction)
}

// repeated is hex of n times the same.
func repeated(hex string, n int) string { return strings.Repeat(hex, n) }

// hex32 is a number in 32 bits.
func hex32(n int) string { return hex.EncodeToString(binary.BigEndian.AppendUint32(nil, uint32(n))) }

// roundTrip seals args and kwargs in a suite and opens them again.
func roundTrip(t testing.TB, args []any, kwargs map[string]any) ([]any, map[string]any) {
	t.Helper()
	key := someKeys(t)[cryptobox.SuiteXBox]
	enc, _, err := key.Seal(nil, event(args, kwargs))
	require.NoError(t, err)
	opened, err := open(t, key, enc, cryptobox.Message)
	require.NoError(t, err)
	gotArgs, gotKwargs, err := opened.Values()
	require.NoError(t, err)
	return gotArgs, gotKwargs
}
