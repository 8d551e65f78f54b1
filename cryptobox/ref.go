package cryptobox

import "encoding/hex"

// Ref names a message for people, the same at both ends: the first 8 bytes of its nonce. It
// proves nothing. The zero Ref names none.
type Ref [8]byte

// String is the Ref in hex; "" for the zero Ref.
func (r Ref) String() string {
	if r == (Ref{}) {
		return ""
	}
	return hex.EncodeToString(r[:])
}

// RefOf gives the Ref of a publish or call of our dialect without opening it. If enc is too
// short for one, the Ref is zero.
func RefOf(enc []byte) Ref {
	suite, _, err := SuiteAndID(enc)
	if err != nil {
		return Ref{}
	}
	if at := nonceAt + suite.encapsulatedSize(); len(enc) >= at+nonceSize {
		return Ref(enc[at:])
	}
	return Ref{}
}
