package wire

import (
	"fmt"
	"regexp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Options and details of payload transparency.
const (
	nativeAlgorithm  = "enc_algo"
	nativeSerializer = "enc_serializer"
	nativeKeyID      = "enc_key"
)

// Native is the framing of Autobahn and Crossbar.io, which they call payload
// transparency:
//
//	Options|Details = {"enc_algo", "enc_serializer", "enc_key"}
//	binary data in place of Arguments, where the message ends
//
// An absent key id is left out. Routers that don't know the framing either
// refuse such a message or pass it on in pieces.
type Native struct{}

var _ Framing = Native{}

var nativeMarks = Marks{Prefix: "enc_", Raw: true}

// Traits returns the name "native". JSON is the default for records, since
// Autobahn reads nothing else. Crossbar.io announces payload_transparency for
// broker and dealer, and carries the framing whatever clients announce.
func (Native) Traits() Traits {
	return Traits{
		Name:        "native",
		Serializers: []cryptobox.Serializer{cryptobox.JSON, cryptobox.CBOR, cryptobox.MessagePack},
		Announce:    []string{"payload_transparency", "payload_encryption_cryptobox"},
		Require:     "payload_transparency",
		Serialized:  true,
		Marks:       nativeMarks,
	}
}

// Put replaces the payload of part with that of env, and adds to a copy of the
// options what env says of it.
//
// Errors: those of [cryptobox.Envelope.Validate], and one that wraps
// [ErrFraming] for options that are taken, or an algorithm that routers refuse.
func (Native) Put(part *Part, env *cryptobox.Envelope) error {
	if err := checkPut(part, env); err != nil {
		return err
	}
	if !nativeCarries(env.Algorithm) {
		return fmt.Errorf("%w: routers close the connection over algorithm %q in %s; use a key of roles, which seals with %q, or another framing",
			ErrFraming, env.Algorithm, nativeAlgorithm, cryptobox.AlgorithmBox)
	}
	part.Dict = addTo(part.Dict, map[string]string{
		nativeAlgorithm:  env.Algorithm,
		nativeSerializer: string(env.Serializer),
		nativeKeyID:      env.KeyID,
	})
	part.Args, part.Kwargs, part.Raw = nil, nil, env.Payload
	return nil
}

// Take returns the envelope of binary data in place of the arguments.
func (Native) Take(part *Part) (*cryptobox.Envelope, error) {
	if err := checkForeign(part, nativeMarks); err != nil {
		return nil, err
	}
	if !nativeMarks.In(part) {
		return nil, nil
	}
	if len(part.Raw) == 0 {
		return nil, partsError("enc_ details without binary data in place of the arguments")
	}
	if len(part.Args) != 0 || len(part.Kwargs) != 0 {
		return nil, partsError("arguments beside binary data")
	}
	env := &cryptobox.Envelope{Payload: part.Raw}
	var serializer string
	err := attributesOf(part, nativeMarks, map[string]*string{
		nativeAlgorithm:  &env.Algorithm,
		nativeSerializer: &serializer,
		nativeKeyID:      &env.KeyID,
	})
	if err != nil {
		return nil, err
	}
	if !nativeCarries(env.Algorithm) {
		return nil, partsError(nativeAlgorithm + " is missing, or none that routers pass on")
	}
	if serializer == "" {
		return nil, partsError(nativeSerializer + " is missing")
	}
	env.Serializer = cryptobox.Serializer(serializer)
	return valid(env)
}

var customAlgorithm = regexp.MustCompile(`\Ax_[a-z][a-z0-9_]+\z`)

// nativeCarries reports whether an algorithm is one that Autobahn and
// Crossbar.io let through. For any other they close the connection.
func nativeCarries(algorithm string) bool {
	switch algorithm {
	case cryptobox.AlgorithmBox, "mqtt", "xbr":
		return true
	}
	return customAlgorithm.MatchString(algorithm)
}
