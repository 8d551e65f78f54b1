package cryptobox_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// recordSeeds are records that are taken and such that are refused.
func recordSeeds(t testing.TB) [][]byte {
	t.Helper()
	var seeds [][]byte
	for _, records := range []map[string]string{sound, malformed, malformedAnswers} {
		for _, record := range records {
			seeds = append(seeds, unhex(t, record))
		}
	}
	_, examples := readExamples(t, "originator", "responder")
	for _, e := range examples {
		seeds = append(seeds, unhex(t, e.Record))
	}
	for _, c := range canonical {
		seeds = append(seeds, unhex(t, arg(c.hex)))
	}
	return seeds
}

// FuzzRecord: a record that opens is sealed again to one of the size that strictness
// allows, which opens to the same; of what is refused nothing is left.
func FuzzRecord(f *testing.F) {
	for _, seed := range recordSeeds(f) {
		f.Add(seed)
	}
	key := sharedKey(f)
	f.Fuzz(func(t *testing.T, record []byte) {
		direction := cryptobox.Message
		if len(record) > 1 && record[1] > byte(cryptobox.KindCallProgress) {
			direction = cryptobox.Answer
		}
		enc, err := cryptobox.SealBytes(key, direction, record)
		require.NoError(t, err)
		before := bytes.Clone(enc)
		opened, err := open(t, key, enc, direction)
		require.True(t, bytes.Equal(before, enc), "the message was changed")
		if err != nil {
			require.True(t, errors.Is(err, cryptobox.ErrMalformed) || errors.Is(err, cryptobox.ErrTooLarge), "%v", err)
			return
		}
		args, kwargs, err := opened.Values()
		require.NoError(t, err)
		rec := cryptobox.NewRecord(opened.Head, opened.Realm(), opened.URI(), args, kwargs)
		again, _, err := key.Seal(nil, &rec)
		require.NoError(t, err)
		require.Equal(t, rewrittenSize(t, record), len(again)-cryptobox.MinSealed)
		twice, err := open(t, key, again, direction)
		require.NoError(t, err)
		require.Equal(t, opened.Head, twice.Head)
		require.True(t, twice.HasRealm(opened.Realm()) && twice.HasURI(opened.URI()))
		twiceArgs, twiceKwargs, err := twice.Values()
		require.NoError(t, err)
		requireSame(t, args, twiceArgs)
		requireSame(t, kwargs, twiceKwargs)
	})
}

// FuzzMessage: what wasn't sealed under the key doesn't open, whatever it says.
func FuzzMessage(f *testing.F) {
	key := sharedKey(f)
	id := key.ID()
	enc, _, err := key.Seal(nil, event(nil, nil))
	require.NoError(f, err)
	f.Add(enc)
	f.Add(enc[:57])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, enc []byte) {
		_, err := open(t, key, enc, cryptobox.Answer)
		require.Error(t, err)
		_, err = open(t, key, append(append([]byte{byte(cryptobox.SuiteShared)}, id[:]...), enc...), cryptobox.Answer)
		require.True(t, errors.Is(err, cryptobox.ErrMalformed) || errors.Is(err, cryptobox.ErrOpen), "%v", err)
	})
}

// rewrittenSize is the size that a sound record has when it is written without padding: all
// is as large as it is, but for floats, which get 64 bits, and for times of whole seconds,
// which become integers.
func rewrittenSize(t *testing.T, record []byte) (size int) {
	t.Helper()
	at, size := 1, 1
	for range 11 {
		at, size = rewrite(t, record, at, size)
	}
	return size
}

// rewrite gives the place behind the value at a place, and adds its size to size.
func rewrite(t *testing.T, b []byte, at, size int) (int, int) {
	t.Helper()
	major, head := b[at]>>5, 1
	n := uint64(b[at] & 31)
	if n >= 24 {
		head += 1 << (n - 24)
		n = binary.BigEndian.Uint64(append(make([]byte, 8), b[at+1:at+head]...)[head-1:])
	}
	next := at + head
	switch major {
	case 2, 3:
		return next + int(n), size + head + int(n)
	case 4, 5:
		size += head
		for range n * uint64(major-3) {
			next, size = rewrite(t, b, next, size)
		}
		return next, size
	case 6:
		if seconds, end, ok := floatAt(b, next); ok && n == 1 {
			return end, size + 1 + timeSize(seconds)
		}
		return rewrite(t, b, next, size+head)
	case 7:
		if _, end, ok := floatAt(b, at); ok {
			return end, size + 9
		}
	}
	return next, size + head
}

// floatAt reads a float, if one stands there.
func floatAt(b []byte, at int) (f float64, end int, ok bool) {
	switch b[at] {
	case 0xf9:
		bits := binary.BigEndian.Uint16(b[at+1:])
		f = math.Ldexp(float64(bits&0x3ff|0x400), int(bits>>10&0x1f)-25)
		if bits>>10&0x1f == 0 {
			f = math.Ldexp(float64(bits&0x3ff), -24)
		}
		if bits&0x8000 != 0 {
			f = -f
		}
		return f, at + 3, true
	case 0xfa:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b[at+1:]))), at + 5, true
	case 0xfb:
		return math.Float64frombits(binary.BigEndian.Uint64(b[at+1:])), at + 9, true
	}
	return 0, 0, false
}

// timeSize is that of a time behind its tag.
func timeSize(seconds float64) int {
	whole := math.Floor(seconds)
	at := time.Unix(int64(whole), int64(math.Round((seconds-whole)*1e9)))
	if at.Nanosecond() != 0 {
		return 9
	}
	n := at.Unix()
	if n < 0 {
		n = ^n
	}
	switch {
	case n < 24:
		return 1
	case n < 1<<8:
		return 2
	case n < 1<<16:
		return 3
	case n < 1<<32:
		return 5
	}
	return 9
}
