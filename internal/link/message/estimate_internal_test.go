//go:build !race

// With the race detector every small value has a block of the heap to itself, so what is
// measured here is not what a program takes.

package message

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

var serializations = map[string]serialize.Serialization{
	"json": serialize.JSON, "msgpack": serialize.MSGPACK, "cbor": serialize.CBOR,
}

// items are what hostile lists are made of, over and over.
var hostile = map[string]map[string]string{
	"json": {
		"map of an empty key": `{"":0}`, "empty maps": `{}`, "empty lists": `[]`, "lists of one": `[0]`, "lists of five": `[0,0,0,0,0]`, "tiny strings": `"ab"`, "empty strings": `""`,
		"small ints": `7`, "ints": `300`, "negative ints": `-1`, "floats": `0.5`, "large numbers": `99999999999999999999`, "null": `null`, "true": `true`, "nested": strings.Repeat("[", 50) + strings.Repeat("]", 50),
		"nested maps": strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50), "maps of nine": `{"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9}`, "escapes": `"\u0061\u0061\n"`,
		"strings of nine": `"123456789"`, "strings of 33": `"123456789012345678901234567890123"`, "keys": `{"a":null,"b":null,"c":null}`,
	},
	"msgpack": {
		"map of an empty key": "\x81\xa0\x00", "empty maps": "\x80", "empty lists": "\x90", "lists of one": "\x91\x00", "tiny strings": "\xa2ab", "empty strings": "\xa0", "one byte strings": "\xa1a",
		"small ints": "\x07", "ints": "\xcd\x01\x00", "negative ints": "\xff", "floats": "\xca\x3f\x00\x00\x00", "NaN": "\xcb\x7f\xf8\x00\x00\x00\x00\x00\x01", "null": "\xc0", "bytes": "\xc4\x01a", "no bytes": "\xc4\x00",
		"nested": strings.Repeat("\x91", 50) + "\x00", "nested maps": strings.Repeat("\x81\xa1a", 50) + "\x01", "long map headers": "\xdf\x00\x00\x00\x01\xa0\x00", "extensions": "\xd4\x05a", "times": "\xd6\xff\x00\x00\x00\x01",
	},
	"cbor": {
		"map of an empty key": "\xa1\x60\x00", "empty maps": "\xa0", "empty lists": "\x80", "lists of one": "\x81\x00", "tiny strings": "\x62ab", "empty strings": "\x60", "one byte strings": "\x61a",
		"small ints": "\x07", "ints": "\x19\x01\x00", "negative ints": "\x20", "floats": "\xf9\x3c\x00", "NaN": "\xf9\x7e\x00", "null": "\xf6", "bytes": "\x41a", "no bytes": "\x40", "seven bytes": "\x471234567", "seventeen bytes": "\x5112345678901234567",
		"nested": strings.Repeat("\x81", 50) + "\x00", "nested maps": strings.Repeat("\xa1\x61a", 50) + "\x01", "tags": "\xc6\x00", "nested tags": strings.Repeat("\xc6", 50) + "\x00", "times": "\xc1\x01", "big numbers": "\xc2\x41\x01",
		"open lists": "\x9f\xff", "open lists of one": "\x9f\x00\xff", "open maps": "\xbf\xff", "open maps of one": "\xbf\x60\x00\xff", "chunks": "\x7f\x61a\x61b\xff", "no chunks": "\x5f\xff", "maps of nine": "\xa9\x61a\x01\x61b\x01\x61c\x01\x61d\x01\x61e\x01\x61f\x01\x61g\x01\x61h\x01\x61i\x01",
	},
}

// listOf is a list of n items.
func listOf(name, item string, n int) []byte {
	switch name {
	case "json":
		return []byte("[" + strings.Repeat(item+",", n-1) + item + "]")
	case "cbor":
		return append(codec.FormatCBOR.OpenList(nil, n), strings.Repeat(item, n)...)
	}
	return append(codec.FormatMessagePack.OpenList(nil, n), strings.Repeat(item, n)...)
}

// mapOf is a map of n entries.
func mapOf(c *Codec, n int, value any) []byte {
	b := c.OpenMap(nil, n)
	for i := range n {
		b = c.AppendColon(c.AppendText(c.AppendComma(b, i), fmt.Sprint(i)))
		b, _ = c.appendValue(b, value, 1)
	}
	return c.CloseMap(b)
}

// decoded returns what a value takes: on the heap behind it, and all that was allocated
// for it.
func decoded(t testing.TB, c *Codec, raw []byte) (live, total int) {
	t.Helper()
	stats := func() (s runtime.MemStats) {
		runtime.GC()
		runtime.ReadMemStats(&s)
		return s
	}
	before := stats()
	v, ok := c.decode(raw)
	after := stats()
	require.True(t, ok)
	runtime.KeepAlive(v)
	return int(after.HeapAlloc) - int(before.HeapAlloc), int(after.TotalAlloc - before.TotalAlloc)
}

func estimated(t testing.TB, c *Codec, raw []byte) int {
	t.Helper()
	s := scan{syntax: c.syntax, b: raw, limit: math.MaxInt}
	require.Equal(t, len(raw), s.value(0, 1))
	return s.memory
}

// measuring is what the measurement itself may add: pools, and what goes on beside it.
const measuring = 32 << 10

// TestEstimate: no value takes more than it was estimated to take, and decoding it
// leaves no more behind than once as much again.
func TestEstimate(t *testing.T) {
	for name, s := range serializations {
		c, err := New(s)
		require.NoError(t, err)
		items := hostile[name]
		for _, n := range []int{0, 1, 8, 9, 15, 29, 57, 113, 225, 449, 897, 1000, 1700, 1793, 3000, 7169, 10_000, 14_337, 28_000} {
			items[fmt.Sprintf("maps of %d", n)] = string(mapOf(c, n, nil))
		}
		for _, n := range []int{1, 7, 8, 16, 17, 33, 65, 129, 257, 513, 1025, 2049, 2305, 4097, 5377, 6913, 8193, 24_577, 31_745, 32_760, 40_000} {
			for what, v := range map[string]any{"strings": strings.Repeat("x", n), "bytes": make([]byte, n), "lists": make([]any, n)} {
				b, err := c.appendValue(nil, v, 1)
				require.NoError(t, err)
				items[fmt.Sprintf("%s of %d", what, n)] = string(b)
			}
		}
		for what, item := range items {
			t.Run(name+" "+what, func(t *testing.T) {
				raw := listOf(name, item, max(1, (96<<10)/len(item)))
				estimate := estimated(t, c, raw)
				live, total := decoded(t, c, raw)
				require.LessOrEqual(t, live, estimate+measuring, "%d bytes", len(raw))
				if what != "extensions" && what != "times" { // nexus makes a decoder for each
					require.LessOrEqual(t, total, 2*estimate+measuring, "%d bytes", len(raw))
				}
			})
		}
	}
}

// event wraps raw arguments into an EVENT.
func event(name string, args []byte) []byte {
	switch name {
	case "json":
		return append(append([]byte(`[36,1,2,{},`), args...), ']')
	case "cbor":
		return append([]byte("\x85\x18\x24\x01\x02\xa0"), args...)
	}
	return append([]byte("\x95\x24\x01\x02\x80"), args...)
}

// TestBudget: of each hostile kind, nearly the largest message that is taken takes no
// more than allowed, and a little more is refused. A large one costs no memory.
func TestBudget(t *testing.T) {
	for name, s := range serializations {
		c, err := New(s)
		require.NoError(t, err)
		for _, what := range []string{"map of an empty key", "empty maps", "empty lists", "nested", "tags", "chunks", "extensions"} {
			item, ok := hostile[name][what]
			if !ok {
				continue
			}
			t.Run(name+" "+what, func(t *testing.T) {
				one := float64(estimated(t, c, listOf(name, item, 1000))) / 1000
				if one < 1.25*memoryFactor*float64(len(item)) {
					return // taken at any length
				}
				most := payloadFloor / one
				read := func(n float64) *In {
					in := new(In)
					data := event(name, listOf(name, item, int(n)))
					require.Zero(t, testing.AllocsPerRun(3, func() { _, err = c.Read(data, in) }))
					require.NoError(t, err)
					return in
				}
				in := read(1.25 * most)
				require.ErrorIs(t, in.Payload.Err, ErrTooLarge)
				require.ErrorIs(t, in.Payload.Err, ErrPayload)
				require.Nil(t, in.Payload.Args)
				_, _, err := c.Values(&in.Payload)
				require.ErrorIs(t, err, ErrTooLarge)
				in = read(0.9 * most)
				require.NoError(t, in.Payload.Err)
				require.LessOrEqual(t, in.Payload.Memory, payloadFloor)
				live, _ := decoded(t, c, in.Payload.Args)
				require.LessOrEqual(t, live, payloadFloor+measuring)
			})
		}
	}
}

// TestLargestMessage: 8 MiB of maps, which would take 117 times as much.
func TestLargestMessage(t *testing.T) {
	for name, item := range map[string]string{"json": `{"":0}`, "msgpack": "\x81\xa0\x00", "cbor": "\xa1\x60\x00"} {
		c, err := New(serializations[name])
		require.NoError(t, err)
		data := event(name, listOf(name, item, (8<<20)/len(item)))
		var in In
		require.Zero(t, testing.AllocsPerRun(3, func() { _, err = c.Read(data, &in) }))
		require.NoError(t, err)
		require.ErrorIs(t, in.Payload.Err, ErrTooLarge)
	}
}
