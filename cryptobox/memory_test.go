package cryptobox_test

import (
	"bytes"
	"encoding/binary"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// many gives args with n values that take much more memory than bytes, by what they are.
func many(t *testing.T, s cryptobox.Serializer, n int) map[string][]byte {
	t.Helper()
	number := string(binary.BigEndian.AppendUint32(nil, uint32(n)))
	head, tail, between := string(unhex(t, cborArgs))+"\x9a"+number, "", ""
	values := map[string]string{
		"empty maps": "\xa0", "empty key": "\xa1\x60\x00", "empty lists": "\x80", "pairs": "\x82\x00\x00", "short text": "\x62ab", "no bytes": "\x40",
		"empty chunks": "\x5f\xff", "maps without length": "\xbf\x60\x00\xff", "nested": "\x81\x81\xa1\x60\x81\xf6",
	}
	switch s {
	case cryptobox.MessagePack:
		head = string(unhex(t, msgpackArgs)) + "\xdd" + number
		values = map[string]string{
			"empty maps": "\x80", "empty key": "\x81\xa0\x00", "empty lists": "\x90", "pairs": "\x92\x00\x00", "short text": "\xa2ab", "no bytes": "\xc4\x00",
			"nested": "\x91\x91\x81\xa0\x91\xc0",
		}
	case cryptobox.JSON:
		head, tail, between = `{"args":[`, "]}", ","
		values = map[string]string{
			"empty maps": "{}", "empty key": `{"":0}`, "empty lists": "[]", "pairs": "[0,0]", "no bytes": `"\u0000"`, "nested": `[[{"":[null]}]]`,
		}
	}
	records := map[string][]byte{}
	for name, value := range values {
		records[name] = []byte(head + strings.Repeat(value+between, n-1) + value + tail)
	}
	return records
}

// most is what opening may allocate: the memory that values may take, once more while
// lists grow, and what the serializers' readers need.
func most(size int) uint64 { return uint64(2*max(8*size, 17<<20) + size) }

// TestMemoryIsBounded: what would take more is refused before it does.
func TestMemoryIsBounded(t *testing.T) {
	for _, s := range serializers {
		for name, data := range many(t, s, 500_000) {
			t.Run(name+" "+string(s), func(t *testing.T) {
				var rec *cryptobox.Record
				var err error
				taken := allocated(func() { rec, err = s.Decode(data) })
				if max(8*len(data), 17<<20) == 8*len(data) && err == nil {
					require.LessOrEqual(t, taken, most(len(data)))
					return // as much as it may
				}
				require.ErrorIs(t, err, cryptobox.ErrTooLarge)
				require.ErrorContains(t, err, "memory")
				require.Nil(t, rec)
				require.LessOrEqual(t, taken, most(len(data)))
				t.Logf("%d bytes, %d taken", len(data), taken)
			})
		}
	}
}

// TestMemoryOfWhatIsIgnored: keys that aren't known, in the root and in bind.
func TestMemoryOfWhatIsIgnored(t *testing.T) {
	maps := strings.Repeat("\xa1\x60\x00", 500_000)
	for name, head := range map[string]string{"root": "a1 6178 9a0007a120", "bind": "a1 6462696e64 a1 6178 9a0007a120", "field of bind": "a1 6462696e64 a1 616e 9a0007a120"} {
		data := append(unhex(t, head), maps...)
		require.LessOrEqual(t, allocated(func() {
			rec, err := cryptobox.CBOR.Decode(data)
			require.ErrorIs(t, err, cryptobox.ErrTooLarge, name)
			require.Nil(t, rec)
		}), most(len(data)), name)
	}
	var keys bytes.Buffer
	for i := range 400_000 {
		keys.WriteString("\x63" + string([]byte{byte(i % 100), byte(i / 100 % 100), byte(i / 10_000)}) + "\xf6")
	}
	data := append(unhex(t, "ba 00061a80"), keys.Bytes()...)
	require.LessOrEqual(t, allocated(func() {
		_, err := cryptobox.CBOR.Decode(data)
		require.ErrorIs(t, err, cryptobox.ErrTooLarge)
	}), 2*most(len(data)))
}

// TestHonestRows: tables of small rows take far more than their bytes, and are taken
// up to the 17 MiB that any record may use.
func TestHonestRows(t *testing.T) {
	rows := make([]any, 40_000)
	for i := range rows {
		rows[i] = map[string]any{"id": i, "v": 2}
	}
	for _, s := range serializers {
		data, err := s.Encode(cryptobox.NewRecord("", []any{rows}, nil, nil))
		require.NoError(t, err)
		rec, err := s.Decode(data)
		require.NoError(t, err)
		require.Len(t, rec.Args()[0], len(rows))
	}
}

// TestSealedOpensAtTheLimitOfMemory: where sealing ends, opening has not ended yet.
func TestSealedOpensAtTheLimitOfMemory(t *testing.T) {
	bind := &cryptobox.Bind{Kind: cryptobox.KindCall, Realm: "r", From: cryptobox.SenderID{1}, N: 1, Re: someToken(t)}
	untyped, typed := map[string]any{"": 0}, map[string]int{"key": 1000}
	for s, value := range map[cryptobox.Serializer]any{cryptobox.JSON: untyped, cryptobox.MessagePack: untyped, cryptobox.CBOR: typed} {
		args := make([]any, 52_000)
		for i := range args {
			args[i] = value
		}
		encode := func(n int) ([]byte, error) {
			record := cryptobox.NewRecord("com.x", args[:n], nil, bind)
			record.Pad = cryptobox.Padme
			return s.Encode(record)
		}
		const least = 46_000
		border := least + sort.Search(len(args)-least, func(n int) bool {
			_, err := encode(least + n)
			if err != nil {
				require.ErrorIs(t, err, cryptobox.ErrTooLarge)
			}
			return err != nil
		})
		require.Greater(t, border, least, s)
		require.Less(t, border, len(args), s)
		data, err := encode(border - 1)
		require.NoError(t, err)
		rec, err := s.Decode(data)
		require.NoError(t, err)
		require.Len(t, rec.Args(), border-1)
	}
}
