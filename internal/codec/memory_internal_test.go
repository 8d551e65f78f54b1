//go:build !race

// With the race detector every small value has a block of the heap to itself, so what is
// measured here is not what a program takes.

package codec

import (
	"bytes"
	"fmt"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/heap"
)

// listOf makes a list of n values, when it is asked for.
func listOf(n int, value func(i int) any) func() []any {
	return func() []any {
		list := make([]any, n)
		for i := range list {
			list[i] = value(i)
		}
		return list
	}
}

// mapOf makes a map of n entries.
func mapOf(n int, value any) map[string]any {
	m := make(map[string]any, n)
	for i := range n {
		m[fmt.Sprintf("%03x", i)] = value
	}
	return m
}

// greedy are values that take much for what they are on the wire.
func greedy() map[string]func() []any {
	random := rand.New(rand.NewPCG(1, 2))
	shapes := map[string]func() []any{
		"empty maps":      listOf(2_000, func(int) any { return map[string]any{} }),
		"empty key":       listOf(2_000, func(int) any { return map[string]any{"": 0} }),
		"rows":            listOf(1_000, func(i int) any { return map[string]any{"id": i, "v": 2} }),
		"empty lists":     listOf(5_000, func(int) any { return []any{} }),
		"pairs":           listOf(2_000, func(i int) any { return []any{i, -i} }),
		"nothing":         listOf(10_000, func(int) any { return nil }),
		"empty text":      listOf(10_000, func(int) any { return "" }),
		"bytes":           listOf(5_000, func(int) any { return []byte{1} }),
		"no bytes":        listOf(5_000, func(int) any { return []byte{} }),
		"small integers":  listOf(10_000, func(int) any { return 255 }),
		"integers":        listOf(10_000, func(int) any { return 256 }),
		"negative":        listOf(10_000, func(int) any { return -1 }),
		"unsigned":        listOf(5_000, func(int) any { return uint64(1 << 63) }),
		"floats":          listOf(5_000, func(int) any { return 0.5 }),
		"random text":     listOf(3_000, func(int) any { return strings.Repeat("x", random.IntN(20)) }),
		"text and number": listOf(6_000, func(i int) any { return []any{"123456789"[:9-i%2*4], i}[i%2] }),
		"random bytes":    listOf(5_000, func(int) any { return make([]byte, random.IntN(700)) }),
		"big":             listOf(1_000, func(i int) any { return new(big.Int).Lsh(big.NewInt(-1-int64(i)), uint(64+i%900)) }),
		"lists":           listOf(2_000, func(i int) any { return make([]any, i%100) }),
		"maps":            listOf(1_000, func(i int) any { return mapOf(i%60, nil) }),
		"nested lists":    listOf(100, func(int) any { return nested(MaxDepth-2, func(v any) any { return []any{v} }) }),
		"nested maps":     listOf(100, func(int) any { return nested(MaxDepth-2, func(v any) any { return map[string]any{"": v} }) }),
	}
	for size := range 20 {
		shapes[fmt.Sprintf("text of %d", size)] = listOf(5_000, func(int) any { return strings.Repeat("x", size) })
		shapes[fmt.Sprintf("text of %d and less", size)] = listOf(5_000, func(i int) any { return strings.Repeat("x", size-i%min(3, size+1)) })
	}
	for _, size := range []int{1, 2, 8, 9, 14, 15, 28, 29, 56, 57, 112, 113, 224, 225, 448, 449, 896, 897, 1000, 1400, 1791, 1793, 2500, 3584, 3585, 7168, 7169, 20_000} {
		shapes[fmt.Sprintf("maps of %d", size)] = listOf(max(1, 20_000/size), func(int) any { return mapOf(size, nil) })
	}
	for size := 16; size < 80_000; size += size/3 + 1 {
		shapes[fmt.Sprintf("bytes of %d", size)] = listOf(100_000/size+1, func(int) any { return make([]byte, size) })
		shapes[fmt.Sprintf("lists of %d", size/16)] = listOf(100_000/size+1, func(int) any { return make([]any, size/16) })
	}
	return shapes
}

func nested(depth int, in func(any) any) any {
	v := any(nil)
	for range depth {
		v = in(v)
	}
	return v
}

// written is list as f has it, and the memory that the writer says it will take.
func written(t *testing.T, f Format, list []any) (data []byte, memory int) {
	t.Helper()
	var w Writer
	w.Reset(f, nil)
	require.NoError(t, w.List(list, 1, nil))
	return w.dst, w.memory
}

// read reads a list, and gives the memory that was charged for.
func read(d *Decoder, f Format, data []byte) (list []any, memory int, err error) {
	d.Reset(f, data)
	defer d.Release()
	before := d.left.memory
	if err := d.Read(); err != nil {
		return nil, 0, err
	}
	list, err = d.List(1)
	return list, before - d.left.memory, err
}

// block is what the allocator shares among small values of all the program.
const block = 64

// overcharge is how much more may be charged than taken: what is charged is for words of 64
// bits, whoever reads or writes, and others take half.
const overcharge = 128 / bits.UintSize

// requireMemory: no more is taken of the heap than was charged, and not much less. It measures
// again where that isn't so: what makes values takes a little for itself at first, and the runtime
// takes and gives back a little now and then.
func requireMemory(t *testing.T, measure func() (charged, taken int)) (charged int) {
	t.Helper()
	var taken int
	for range 5 {
		charged, taken = measure()
		if taken <= charged+block && charged <= overcharge*taken+block {
			break
		}
	}
	require.LessOrEqual(t, taken, charged+block, "taken, charged")
	require.LessOrEqual(t, charged, overcharge*taken+block, "charged, taken")
	return charged
}

// requireCharged is requireMemory of reading data.
func requireCharged(t *testing.T, f Format, data []byte) (charged int) {
	t.Helper()
	d := new(Decoder)
	return requireMemory(t, func() (charged, taken int) {
		before := heap.InUse()
		list, charged, err := read(d, f, data)
		taken = int(heap.InUse() - before)
		require.NoError(t, err)
		runtime.KeepAlive(list)
		runtime.KeepAlive(d)
		return charged, taken
	})
}

// TestMemoryIsChargedFor in full, and nearly the same by who writes.
func TestMemoryIsChargedFor(t *testing.T) {
	for name, list := range greedy() {
		for format, f := range map[string]Format{"json": FormatJSON, "cbor": FormatCBOR} {
			t.Run(name+" "+format, func(t *testing.T) {
				data, memory := written(t, f, list())
				charged := requireCharged(t, f, data)
				require.Equal(t, memory, charged+SliceSize)
			})
		}
	}
}

// TestMemoryOfOtherForms: values that other makers write in a form of their own.
func TestMemoryOfOtherForms(t *testing.T) {
	for _, text := range []string{"9fff", "9f00ff", "9f0000000000ff", "bfff", "bf6000ff", "7fff", "5fff", "7f61616162ff", "5f41414142ff", "c24101", "c249010000000000000000", "f93c00"} {
		data := bytes.Join([][]byte{{0x9f}, bytes.Repeat(bytesOf(t, text), 10_000), {0xff}}, nil)
		t.Run("cbor "+text, func(t *testing.T) { requireCharged(t, FormatCBOR, data) })
	}
	for _, text := range []string{`"\u0061b"`, `"\"\""`, `"\u0000QUJD"`, `"\u0000Q\u0055JD"`, `{"\u0061b":"\n\n"}`, "1e2", "18446744073709551615", "18446744073709551616", " [ ] "} {
		data := []byte("[" + strings.Repeat(text+",", 10_000) + "null]")
		t.Run("json "+text, func(t *testing.T) { requireCharged(t, FormatJSON, data) })
	}
}

// TestAllocatedIsEnough for the sizes that the runtime makes of those asked for.
func TestAllocatedIsEnough(t *testing.T) {
	for n := 1; n < 100_000; n += 1 + n/1000 {
		require.GreaterOrEqual(t, allocated(n), cap(slices.Grow([]byte(nil), n)), n)
		require.GreaterOrEqual(t, ListMemory(n), int(unsafe.Sizeof(any(nil)))*cap(slices.Grow([]any(nil), n)), n)
	}
}
