package cryptobox

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// A payload's size tells a router what is in it, more or less. Padding is one more
// entry of the record, "pad", that every reader ignores.

// Padme returns the size to pad to of a record of size bytes, so that the size seen
// tells no more than log(log(size)) bits, for at most 12 % more (the Padmé scheme
// of Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
// Communication with PURBs", 2019, section 4.4).
func Padme(size int) int {
	if size < 2 {
		return size
	}
	exponent := bits.Len(uint(size)) - 1
	low := exponent - bits.Len(uint(exponent)) // bits that become zero
	mask := 1<<max(low, 0) - 1
	return (size + mask) &^ mask
}

// padHead is what stands before the padding bytes, whose number the last four bytes
// of it tell in MessagePack and CBOR. It has the same size for any number: so that
// every size can be met.
var padHead = map[Serializer]string{
	JSON:        `,"pad":"\u0000`,
	MessagePack: "\xa3pad\xc6\x00\x00\x00\x00", // a str of 3, a bin with 32 bits of length
	CBOR:        "\x63pad\x5a\x00\x00\x00\x00", // a text of 3, bytes with 32 bits of length
}

// padTail stands behind.
var padTail = map[Serializer]string{JSON: `"}`}

// pad appends an entry "pad" to a serialized record, of as many bytes as size asks
// for. Its root has less than 15 entries, so that their number is in the first byte.
func (s Serializer) pad(record []byte, size func(int) int) ([]byte, error) {
	if s == JSON {
		record = record[:len(record)-1] // its closing brace
	}
	least := len(record) + len(padHead[s]) + len(padTail[s])
	want := size(least)
	if want < least {
		return nil, fmt.Errorf("%w: the padding asks for %d bytes where %d are needed", ErrPadding, want, least)
	}
	// What could be sealed without padding still can be.
	want = min(want, max(MaxPayload, least))
	fill := want - least
	record = append(slices.Grow(record, want-len(record)), padHead[s]...)
	if s != JSON {
		record[0]++
		binary.BigEndian.PutUint32(record[len(record)-4:], uint32(fill))
		return append(record, make([]byte, fill)...), nil
	}
	for range fill / 4 * 4 { // base64 comes in fours
		record = append(record, 'A')
	}
	record = append(record, '"')
	for range fill % 4 {
		record = append(record, ' ')
	}
	return append(record, '}'), nil
}
