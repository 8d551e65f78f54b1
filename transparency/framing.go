package transparency

import (
	"fmt"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// Framing is how an envelope travels in a WAMP message. The zero Framing is
// refused.
type Framing uint8

// The framings, in the order of wire.Framings. Both ends of an exchange use the
// same one.
const (
	// EncArgument carries the envelope in a keyword argument named enc, which
	// any router and any transport passes on. It is the default.
	EncArgument Framing = iota + 1

	// Native is the payload transparency of Autobahn and Crossbar.io: options
	// enc_algo, enc_serializer and enc_key, and the payload in place of the
	// arguments. Crossbar.io carries it; nexus's router doesn't, and nor does a
	// link inside the process. Records are JSON unless [WithSerializer] says
	// otherwise: Autobahn reads nothing else. Keys for Autobahn need
	// [keyring.Key.AllowUnbound].
	Native

	// PPT is the payload passthru mode of the WAMP specification with the scheme
	// "wamp": options ppt_scheme, ppt_serializer, ppt_cipher and ppt_keyid, and
	// the payload as the only argument. nexus's router carries it; Crossbar.io
	// doesn't. Records are CBOR. A peer that is not a Session of this package
	// needs a [keyring.Symmetric] or [keyring.AES256GCM] key with
	// [keyring.Key.AllowUnbound].
	PPT
)

// wire returns what carries envelopes so, or false for an unknown framing.
func (f Framing) wire() (wire.Framing, bool) {
	all := wire.Framings()
	if f == 0 || int(f) > len(all) {
		return nil, false
	}
	return all[f-1], true
}

// String returns the name of the framing, as the examples take it for -framing.
func (f Framing) String() string {
	if framing, ok := f.wire(); ok {
		return framing.Traits().Name
	}
	return fmt.Sprintf("Framing(%d)", uint8(f))
}

// ParseFraming returns the framing of that name: "enc", "native" or "ppt".
func ParseFraming(name string) (Framing, error) {
	var names []string
	for i, framing := range wire.Framings() {
		if framing.Traits().Name == name {
			return Framing(i + 1), nil
		}
		names = append(names, framing.Traits().Name)
	}
	return 0, fmt.Errorf("%w: no framing is named %q; use %s", ErrOption, name, strings.Join(names, ", "))
}
