package statement_test

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// errorIsOne tells whether an error is one of those of the package, and not both.
func errorIsOne(err error) bool {
	return errors.Is(err, statement.ErrMalformed) != errors.Is(err, statement.ErrForged)
}

// good are statements of each kind that open.
func good(t testing.TB) []signer {
	t.Helper()
	fresh := must(cryptobox.NewSigningKey([]byte("the key that fresh is signed by.")))
	hash := statement.HashOf("x")
	return []signer{
		statement.Grant{Authority: statement.HashOfKey(fuzzKey.Public()), Serial: 7, Member: "shop", Key: hash, Recipient: hash, Issued: now, Expires: now, Ciphertext: hash},
		statement.Delegation{Serial: 7, Key: fresh.Public(), NotBefore: now, NotAfter: now},
		statement.Get{Authority: hash, Member: "shop", Nonce: hash, Serial: 7, Ciphertext: hash, NextRecipient: "age1next"},
		statement.Fresh{Nonce: hash, Grant: hash, Time: now},
	}
}

// TestEveryByteCounts: a statement with any byte changed, cut anywhere or with a byte behind
// opens as no kind, and as it is it opens as its own kind alone.
func TestEveryByteCounts(t *testing.T) {
	for i, s := range good(t) {
		wire, err := s.Sign(fuzzKey)
		require.NoError(t, err)
		require.Equal(t, 1, requireOneEncoding(t, wire, fuzzKey), kinds[i].label)
		for at := range wire {
			changed := bytes.Clone(wire)
			changed[at] ^= 1 << (at % 8)
			require.Zero(t, requireOneEncoding(t, changed, fuzzKey), "of %d", at)
			require.Zero(t, requireOneEncoding(t, wire[:at], fuzzKey), "cut to %d", at)
		}
		require.Zero(t, requireOneEncoding(t, append(wire, 0), fuzzKey))
	}
}

// TestItemsOfOtherKinds: in a list that is signed as it has to be, each item in turn is any of
// many values. Only those of its kind are taken.
func TestItemsOfOtherKinds(t *testing.T) {
	others := []any{
		nil, true, false, -1, uint64(1) << 63, 1.5, "", "x", strings.Repeat("x", 32), []byte{}, make([]byte, 31), make([]byte, 33),
		[]any{}, []int{1}, make([]int, 16), make([]int, 32), map[string]int{}, map[string]int{"a": 1},
		cbor.Tag{Number: 1, Content: 1}, cbor.Tag{Number: 24, Content: []byte{1}}, cbor.SimpleValue(99), cbor.RawMessage{0xf7},
		[]any{[]any{[]any{[]any{}}}},
	}
	opened := 0
	for i, s := range good(t) {
		wire, err := s.Sign(fuzzKey)
		require.NoError(t, err)
		var list []any
		require.NoError(t, cbor.Unmarshal(content(wire), &list))
		for at, was := range list {
			for _, other := range others {
				list[at] = other
				changed, err := cbor.Marshal(list)
				require.NoError(t, err)
				opens := requireOneEncoding(t, signedContent(t, kinds[i].label, changed, fuzzKey), fuzzKey)
				if opens > 0 {
					opened++
					require.True(t, sameKind(was, other), "%s item %d: %v in place of %v", kinds[i].label, at, other, was)
				}
			}
			list[at] = was
		}
	}
	require.Equal(t, 10, opened) // 3 serials, 4 names, 3 next recipients, of which one is null
}

// sameKind tells whether what stands in the place of an item may stand there.
func sameKind(was, other any) bool {
	switch other := other.(type) {
	case nil:
		return was == "age1next"
	case string:
		_, text := was.(string)
		return text && other != ""
	case uint64:
		return was == uint64(7) // a serial, and no time
	}
	return false
}

// TestTimes: statements have times up to the end of the year 9999.
func TestTimes(t *testing.T) {
	last := time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	for _, at := range []time.Time{time.UnixMilli(0).UTC(), last} {
		wire, err := statement.Fresh{Time: at}.Sign(fuzzKey)
		require.NoError(t, err)
		got, err := statement.OpenFresh(wire, fuzzKey.Public())
		require.NoError(t, err)
		require.Equal(t, at, got.Time)
	}
	behind, before := last.Add(time.Millisecond), time.UnixMilli(-1)
	for _, at := range []time.Time{behind, before} {
		g, d := good(t)[0].(statement.Grant), good(t)[1].(statement.Delegation)
		issued, expires, notBefore, notAfter := g, g, d, d
		issued.Issued, expires.Expires, notBefore.NotBefore, notAfter.NotAfter = at, at, at, at
		for _, s := range []signer{issued, expires, notBefore, notAfter, statement.Fresh{Time: at}} {
			wire, err := s.Sign(fuzzKey)
			require.NoError(t, err)
			require.Zero(t, requireOneEncoding(t, wire, fuzzKey), "%T of %v", s, at)
		}
	}
}

// TestSizes: what is larger than it may be is refused before anything is made of it.
func TestSizes(t *testing.T) {
	name, err := cbor.Marshal(strings.Repeat("n", 8192))
	require.NoError(t, err)
	large := signedContent(t, kinds[0].label, name, fuzzKey)
	require.Zero(t, requireOneEncoding(t, large, fuzzKey))
	_, err = statement.MemberOf(large)
	require.ErrorContains(t, err, "of 8262 bytes")

	get := good(t)[2].(statement.Get)
	for _, name := range []string{"", "..", "a/b", "\xff", strings.Repeat("n", 65)} {
		get.Member = name
		wire, err := get.Sign(fuzzKey)
		require.NoError(t, err)
		require.Zero(t, requireOneEncoding(t, wire, fuzzKey), name)
		_, err = statement.MemberOf(wire)
		require.ErrorIs(t, err, statement.ErrMalformed, name)
	}
	get.Member = strings.Repeat("n", 64)
	get.NextRecipient = strings.Repeat("a", statement.MaxRecipient)
	wire, err := get.Sign(fuzzKey)
	require.NoError(t, err)
	require.Equal(t, 1, requireOneEncoding(t, wire, fuzzKey))
	get.NextRecipient += "a"
	wire, err = get.Sign(fuzzKey)
	require.NoError(t, err)
	require.Zero(t, requireOneEncoding(t, wire, fuzzKey))

	part := []byte{0x80}
	a := statement.Answer{Grant: part, Ciphertext: make([]byte, statement.MaxCiphertext), Delegation: part, Fresh: part}
	wire, err = a.Marshal()
	require.NoError(t, err)
	_, err = statement.ParseAnswer(wire)
	require.NoError(t, err)
	a.Ciphertext = append(a.Ciphertext, 0)
	_, err = a.Marshal()
	require.ErrorIs(t, err, statement.ErrMalformed)
	wire, err = cbor.Marshal([]any{cbor.RawMessage(part), a.Ciphertext, cbor.RawMessage(part), cbor.RawMessage(part)})
	require.NoError(t, err)
	_, err = statement.ParseAnswer(wire)
	require.ErrorIs(t, err, statement.ErrMalformed)
	_, err = statement.ParseAnswer(make([]byte, statement.MaxAnswer+1))
	require.ErrorContains(t, err, "bytes")
}

// TestMemory: bytes that claim much, or hold many small values, take no more memory than some
// times their own size.
func TestMemory(t *testing.T) {
	repeat := func(of byte) []byte { return bytes.Repeat([]byte{of}, statement.MaxAnswer) }
	hostile := map[string][]byte{
		"lists in lists": repeat(0x81), "empty lists": repeat(0x80), "integers": append([]byte{0x9a, 0, 0x10, 0, 0}, repeat(0)[:1<<20]...),
		"maps in maps": repeat(0xa1), "open lists": repeat(0x9f), "open texts": repeat(0x7f), "tags": repeat(0xc1),
		"bytes of a terabyte": {0x84, 0x5b, 0, 0, 1, 0, 0, 0, 0, 0}, "2^63 items": {0x9b, 0x80, 0, 0, 0, 0, 0, 0, 0},
		"2^63 pairs": {0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0}, "text of 2^63": {0x82, 0x7b, 0x80, 0, 0, 0, 0, 0, 0, 0},
		"many grants": append(append([]byte{0x84, 0x9a, 0, 0x10, 0, 0}, repeat(0x80)[:1<<20]...), 0x40, 0, 0),
	}
	var before, behind runtime.MemStats
	runtime.ReadMemStats(&before)
	for name, wire := range hostile {
		_, err := statement.ParseAnswer(wire)
		require.ErrorIs(t, err, statement.ErrMalformed, name)
		require.Zero(t, requireOneEncoding(t, wire, fuzzKey), name)
		cut := wire[:min(len(wire), 8000)]
		require.Zero(t, requireOneEncoding(t, cut, fuzzKey), name)
	}
	runtime.ReadMemStats(&behind)
	require.Less(t, behind.TotalAlloc-before.TotalAlloc, uint64(16<<20))
}

// TestErrorsTellNothing: what a statement has in it doesn't stand in the error of one that isn't taken.
func TestErrorsTellNothing(t *testing.T) {
	const secret = "what-nobody-may-see-in-a-log"
	for _, kind := range kinds {
		for _, value := range []any{secret, []byte(secret), []any{secret}, map[string]string{secret: secret}, cbor.Tag{Number: 1, Content: secret}} {
			content, err := cbor.Marshal(value)
			require.NoError(t, err)
			for _, wire := range [][]byte{signedContent(t, kind.label, content, fuzzKey), content, append(content, 0)} {
				_, err := kind.open(wire, fuzzKey.Public())
				require.ErrorIs(t, err, statement.ErrMalformed)
				require.NotContains(t, err.Error(), secret)
				require.NotContains(t, err.Error(), "struct", "the words of a library")
			}
		}
	}
}
