package wire

import (
	"fmt"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Options and details of payload passthru mode. Routers copy these four alone.
const (
	pptScheme     = wamp.OptPPTScheme
	pptSerializer = wamp.OptPPTSerializer
	pptCipher     = wamp.OptPPTCipher
	pptKeyID      = wamp.OptPPTKeyId
)

// pptEncrypted is the scheme of encrypted payloads.
const pptEncrypted = "wamp"

// PPT is the framing of the WAMP specification's "Payload Passthru Mode", as
// nexus's router carries it:
//
//	Options|Details = {"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher", "ppt_keyid"}
//	Arguments       = [binary data]
//
// An absent key id is left out. The cipher is named as the specification names
// it, by what opens the payload with the shared key alone: see
// [cryptobox.SecretKeyAlgorithm].
type PPT struct{}

var _ Framing = PPT{}

var pptMarks = Marks{Prefix: "ppt_"}

// Traits returns the name "ppt". Records are in CBOR, the one serializer that
// the specification has for the scheme.
func (PPT) Traits() Traits {
	return Traits{
		Name:        "ppt",
		Serializers: []cryptobox.Serializer{cryptobox.CBOR},
		Announce:    []string{wamp.FeaturePayloadPassthruMode},
		Require:     wamp.FeaturePayloadPassthruMode,
		CipherNames: true,
		URIOptional: true,
		Marks:       pptMarks,
	}
}

// Put replaces the payload of part with that of env as the only argument, and
// adds to a copy of the options what env says of it.
//
// Errors: those of [cryptobox.Envelope.Validate], and one that wraps
// [ErrFraming] for options that are taken, a serializer other than CBOR, or an
// algorithm that has no name as a cipher.
func (PPT) Put(part *Part, env *cryptobox.Envelope) error {
	if err := checkPut(part, env); err != nil {
		return err
	}
	if env.Serializer != cryptobox.CBOR {
		return fmt.Errorf("%w: payload passthru mode knows no serializer %q; use %q", ErrFraming, env.Serializer, cryptobox.CBOR)
	}
	cipher, ok := cryptobox.SecretKeyAlgorithm(env.Algorithm)
	if !ok {
		return fmt.Errorf("%w: payload passthru mode has no cipher for algorithm %q; use another key or another framing", ErrFraming, env.Algorithm)
	}
	part.Dict = addTo(part.Dict, map[string]string{
		pptScheme:     pptEncrypted,
		pptSerializer: string(env.Serializer),
		pptCipher:     cipher,
		pptKeyID:      env.KeyID,
	})
	part.Args, part.Kwargs, part.Raw = wamp.List{part.binary(env.Payload)}, nil, nil
	return nil
}

// Take returns the envelope of an argument that the details say is encrypted.
// A later chunk of an invocation has no such details, as routers don't repeat
// them: it is taken by those of the first.
func (PPT) Take(part *Part) (*cryptobox.Envelope, error) {
	if err := checkForeign(part, pptMarks); err != nil {
		return nil, err
	}
	if !pptMarks.In(part) {
		return takeLater(part)
	}
	env, err := pptEnvelope(part)
	if err != nil {
		return nil, err
	}
	payload, ok := onlyBinary(part)
	if !ok {
		return nil, partsError("ppt_ details without binary data as the only argument")
	}
	env.Payload = payload
	return valid(env)
}

// pptEnvelope returns what the details say of the payload.
func pptEnvelope(part *Part) (*cryptobox.Envelope, error) {
	env := new(cryptobox.Envelope)
	var scheme, serializer string
	err := attributesOf(part, pptMarks, map[string]*string{
		pptScheme:     &scheme,
		pptSerializer: &serializer,
		pptCipher:     &env.Algorithm,
		pptKeyID:      &env.KeyID,
	})
	if err != nil {
		return nil, err
	}
	env.Serializer = cryptobox.Serializer(serializer)
	cipher, _ := cryptobox.SecretKeyAlgorithm(env.Algorithm) // empty for one that is unknown
	switch {
	case scheme != pptEncrypted:
		return nil, partsError(pptScheme + " is not " + pptEncrypted)
	case env.Serializer != cryptobox.CBOR:
		return nil, partsError(pptSerializer + " is not " + string(cryptobox.CBOR))
	case env.Algorithm == "":
		// nexus's clients send payloads so that they didn't encrypt.
		return nil, partsError(pptCipher + " is missing: not encrypted")
	case cipher != env.Algorithm:
		return nil, partsError(pptCipher + " is none that is known")
	}
	return env, nil
}

// takeLater takes binary data alone in a later chunk by what was said of the
// first chunk.
func takeLater(part *Part) (*cryptobox.Envelope, error) {
	if part.First == nil {
		return nil, nil
	}
	payload, ok := onlyBinary(part)
	if !ok {
		return nil, nil
	}
	env := *part.First
	env.Payload = payload
	return valid(&env)
}

// onlyBinary returns binary data that is the whole payload, and not empty.
func onlyBinary(part *Part) ([]byte, bool) {
	if len(part.Args) != 1 || len(part.Kwargs) != 0 {
		return nil, false
	}
	b, ok := Bytes(part.Args[0])
	return b, ok && len(b) != 0
}
