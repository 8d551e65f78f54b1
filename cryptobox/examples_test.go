package cryptobox_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// TestExamplesOpen: what another program made opens, with the keys of either party, and
// what opened seals to the same bytes with the nonce of the example.
func TestExamplesOpen(t *testing.T) {
	originator, examples := readExamples(t, "originator", "responder")
	responder, _ := readExamples(t, "responder", "originator")
	for _, e := range examples {
		t.Run(e.Name, func(t *testing.T) {
			enc := unhex(t, e.Enc)
			suite, id, err := cryptobox.SuiteAndID(enc)
			require.NoError(t, err)
			require.Equal(t, e.Suite, suite)
			require.Equal(t, e.KeyID, hex.EncodeToString(id[:]))
			for _, key := range []*cryptobox.SuiteKey{originator[e.Suite], responder[e.Suite]} {
				require.Equal(t, id, key.ID())
				require.Equal(t, e.Hash, hex.EncodeToString(cryptobox.Hash(key)))
				opened, err := open(t, key, enc, e.direction())
				require.NoError(t, err)
				require.Equal(t, e.Record, hex.EncodeToString(cryptobox.RecordBytes(opened)))
				require.Equal(t, e.Token, hex.EncodeToString(cryptobox.TokenBytes(opened.Token)))
				requireSealsTo(t, key, opened, unhex(t, e.Record), enc)
			}
		})
	}
}

// requireSealsTo: what opened is sealed to the same message. The order of the entries of a
// map isn't fixed: that of the examples comes sooner or later.
func requireSealsTo(t *testing.T, key *cryptobox.SuiteKey, opened *cryptobox.Opened, record, enc []byte) {
	t.Helper()
	args, kwargs, err := opened.Values()
	require.NoError(t, err)
	rec := cryptobox.NewRecord(opened.Head, opened.Realm(), opened.URI(), args, kwargs)
	if record[0] == 0x8c {
		rec.Pad = func(int) int { return len(record) }
	}
	nonce := cryptobox.TokenBytes(opened.Token)
	for range 200 {
		again, token, err := cryptobox.SealRecordWith(key, nonce, &rec)
		require.NoError(t, err)
		require.Len(t, again, len(enc))
		require.Equal(t, opened.Token, token)
		if string(again) == string(enc) {
			return
		}
		require.Greater(t, len(kwargs), 1, "sealed to other bytes")
	}
	t.Fatal("never sealed to the same bytes")
}

// TestExamplesSay what their maker put in.
func TestExamplesSay(t *testing.T) {
	keys, examples := readExamples(t, "responder", "originator")
	caller := cryptobox.SenderID(unhex(t, "44359a373b5b30e9e7c5df3cf236d41c"))
	callee := cryptobox.SenderID(unhex(t, "8b43fa43ba7b2a01d42e57ef82755ddf"))
	const ts, topic, procedure = 1767225600123, "com.myapp.encrypted.hello", "com.myapp.encrypted.add2"
	hello := []any{"Hello", int64(23)}
	for _, suite := range suites {
		of := examples[6*(suite-1):]
		call := openExample(t, keys, of[2]).Token
		for i, want := range []struct {
			head       cryptobox.Head
			realm, uri string
			args       []any
			kwargs     map[string]any
		}{
			{cryptobox.Head{Kind: cryptobox.KindPublish, From: caller, N: 1, TS: ts}, "realm1", topic, hello, nil},
			{cryptobox.Head{Kind: cryptobox.KindPublish, From: caller, N: 2, TS: ts, Seq: 1, Keep: true}, "realm1", topic, hello, map[string]any{"to": "all"}},
			{cryptobox.Head{Kind: cryptobox.KindCall, From: caller, N: 3, TS: ts}, "realm1", procedure, []any{int64(23), int64(1<<53 + 1)}, nil},
			{cryptobox.Head{Kind: cryptobox.KindResult, From: callee, N: 1, TS: ts, Re: call}, "realm1", procedure, []any{int64(1<<53 + 24)}, nil},
			{cryptobox.Head{Kind: cryptobox.KindError, From: callee, N: 2, TS: ts, Re: call}, "realm1", "com.myapp.error1", []any{}, map[string]any{"custom1": int64(23), "raw": []byte{0, 1}}},
			{cryptobox.Head{Kind: cryptobox.KindRefusal, From: callee, N: 3, TS: ts, Re: call}, "", "", []any{"Stale", int64(ts + 400_000)}, nil},
		} {
			opened := openExample(t, keys, of[i])
			args, kwargs, err := opened.Values()
			require.NoError(t, err)
			require.Equal(t, want.head, opened.Head, of[i].Name)
			require.Equal(t, want.realm, opened.Realm())
			require.Equal(t, want.uri, opened.URI())
			require.True(t, opened.HasRealm(want.realm) && opened.HasURI(want.uri))
			requireSame(t, want.args, args)
			requireSame(t, want.kwargs, kwargs)
		}
	}
}

func openExample(t *testing.T, keys keys, e example) *cryptobox.Opened {
	t.Helper()
	opened, err := open(t, keys[e.Suite], unhex(t, e.Enc), e.direction())
	require.NoError(t, err)
	return opened
}
