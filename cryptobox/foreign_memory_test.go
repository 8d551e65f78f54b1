//go:build !race

// The race detector changes what is measured here, and it is one goroutine that works.

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
func many(t *testing.T, d cryptobox.Dialect, n int) map[string][]byte {
	t.Helper()
	number := string(binary.BigEndian.AppendUint32(nil, uint32(n)))
	head, tail, between := string(unhex(t, cborArgs))+"\x9a"+number, "", ""
	values := map[string]string{
		"empty maps": "\xa0", "empty key": "\xa1\x60\x00", "empty lists": "\x80", "pairs": "\x82\x00\x00", "short text": "\x62ab", "no bytes": "\x40",
		"empty chunks": "\x5f\xff", "maps without length": "\xbf\x60\x00\xff", "nested": "\x81\x81\xa1\x60\x81\xf6",
	}
	if d == cryptobox.Autobahn {
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
	for _, d := range foreign {
		for name, data := range many(t, d, 500_000) {
			t.Run(name+" "+d.String(), func(t *testing.T) {
				var rec *cryptobox.ForeignRecord
				var err error
				taken := allocated(func() { rec, err = decode(t, d, data) })
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

// TestMemoryOfWhatIsIgnored: keys that aren't known.
func TestMemoryOfWhatIsIgnored(t *testing.T) {
	maps := strings.Repeat("\xa1\x60\x00", 500_000)
	data := append(unhex(t, "a1 6178 9a0007a120"), maps...)
	require.LessOrEqual(t, allocated(func() {
		_, err := decode(t, cryptobox.Passthru, data)
		require.ErrorIs(t, err, cryptobox.ErrTooLarge)
	}), most(len(data)))
	var keys bytes.Buffer
	for i := range 400_000 {
		keys.WriteString("\x63" + string([]byte{byte(i % 100), byte(i / 100 % 100), byte(i / 10_000)}) + "\xf6")
	}
	data = append(unhex(t, "ba 00061a80"), keys.Bytes()...)
	require.LessOrEqual(t, allocated(func() {
		_, err := decode(t, cryptobox.Passthru, data)
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
	for _, d := range foreign {
		data, err := encode(t, d, cryptobox.NewForeignRecord("", []any{rows}, nil))
		require.NoError(t, err)
		rec, err := decode(t, d, data)
		require.NoError(t, err)
		require.Len(t, rec.Args()[0], len(rows))
	}
}

// TestSealedOpensAtTheLimitOfMemory: where sealing ends, opening has not ended yet.
func TestSealedOpensAtTheLimitOfMemory(t *testing.T) {
	untyped, keyed := map[string]any{"": 0}, map[string]any{"key": 1000}
	for d, value := range map[cryptobox.Dialect]any{cryptobox.Wampbox: untyped, cryptobox.Autobahn: untyped, cryptobox.Passthru: keyed} {
		args := make([]any, 52_000)
		for i := range args {
			args[i] = value
		}
		travels := func(n int) error {
			if d == cryptobox.Wampbox {
				return travelsAsRecord(t, args[:n])
			}
			data, err := encode(t, d, cryptobox.NewForeignRecord("com.x", args[:n], nil))
			if err != nil {
				return err
			}
			rec, err := decode(t, d, data)
			require.NoError(t, err)
			require.Len(t, rec.Args(), n)
			return nil
		}
		const least = 46_000
		border := least + sort.Search(len(args)-least, func(n int) bool {
			err := travels(least + n)
			if err != nil {
				require.ErrorIs(t, err, cryptobox.ErrTooLarge)
			}
			return err != nil
		})
		require.Greater(t, border, least, d)
		require.Less(t, border, len(args), d)
	}
}

// travelsAsRecord seals a padded event, which then has to open.
func travelsAsRecord(t *testing.T, args []any) error {
	t.Helper()
	key, rec := sharedKey(t), event(args, nil)
	rec.Pad = cryptobox.Padme
	enc, _, err := key.Seal(nil, rec)
	if err != nil {
		return err
	}
	var opened cryptobox.Opened
	defer opened.Release()
	require.NoError(t, key.Open(enc, cryptobox.Message, &opened))
	got, _, err := opened.Values()
	require.NoError(t, err)
	require.Len(t, got, len(args))
	return nil
}
