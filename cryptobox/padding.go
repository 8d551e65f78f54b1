package cryptobox

import "math/bits"

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
