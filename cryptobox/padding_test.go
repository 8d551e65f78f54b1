package cryptobox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func TestPadme(t *testing.T) {
	// Sizes from the paper's definition, computed by hand: the exponent E, the
	// bits S that tell E, and E-S bits that become zero.
	for size, want := range map[int]int{
		0: 0, 1: 1, 2: 2, 3: 3, 7: 7, 8: 8, 9: 10, 15: 16, 16: 16, 17: 18, 100: 104, 1000: 1024, 1025: 1088, 65537: 67584, 1_000_000: 1_015_808,
	} {
		require.Equal(t, want, cryptobox.Padme(size), size)
	}
	last := 0
	for size := range 1 << 17 {
		padded := cryptobox.Padme(size)
		if padded < max(size, last) || float64(padded) > float64(size)*1.12+1 || padded != cryptobox.Padme(padded) {
			t.Fatalf("%d bytes become %d, and those %d; of one byte less there were %d", size, padded, cryptobox.Padme(padded), last)
		}
		last = padded
	}
}
