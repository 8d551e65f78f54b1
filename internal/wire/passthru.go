package wire

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Options and details of payload passthru mode. Routers copy these four alone.
const (
	passthruPrefix     = "ppt_"
	passthruScheme     = wamp.OptPPTScheme
	passthruSerializer = wamp.OptPPTSerializer
	passthruCipher     = wamp.OptPPTCipher
	passthruKeyID      = wamp.OptPPTKeyId
)

// passthruEncrypted is the scheme of encrypted payloads, passthruCBOR the one serializer
// that the specification has for it.
const (
	passthruEncrypted = "wamp"
	passthruCBOR      = "cbor"
)

// passthru is the WAMP specification's "Payload Passthru Mode", as nexus's router carries
// it:
//
//	Options|Details = {"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher", "ppt_keyid"}
//	Arguments       = [binary data]
//
// The cipher is named as the specification names it, by what opens the payload with the
// shared key alone.
type passthru struct{}

func (passthru) traits() Traits {
	return Traits{
		Announce: []string{wamp.FeaturePayloadPassthruMode},
		Require:  wamp.FeaturePayloadPassthruMode,
		Prefix:   passthruPrefix,
	}
}

func (passthru) put(part *Part, env *Envelope) {
	part.Dict = addTo(part.Dict, map[string]string{
		passthruScheme:     passthruEncrypted,
		passthruSerializer: passthruCBOR,
		passthruCipher:     env.Algorithm,
		passthruKeyID:      env.KeyID,
	})
	part.Args, part.Kwargs, part.Raw = wamp.List{part.binary(env.Payload)}, nil, nil
}

func (passthru) in(part *Part) bool { return hasAny(part.Dict, passthruPrefix) }

func (passthru) take(part *Part) (*Envelope, error) {
	env, err := passthruEnvelope(part)
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

// passthruEnvelope returns what the details say of the payload.
func passthruEnvelope(part *Part) (*Envelope, error) {
	env := &Envelope{Dialect: cryptobox.Passthru}
	var scheme, serializer string
	err := attributesOf(part, passthruPrefix, map[string]*string{
		passthruScheme:     &scheme,
		passthruSerializer: &serializer,
		passthruCipher:     &env.Algorithm,
		passthruKeyID:      &env.KeyID,
	})
	switch {
	case err != nil:
		return nil, err
	case scheme != passthruEncrypted:
		return nil, partsError(passthruScheme + " is not " + passthruEncrypted)
	case serializer != passthruCBOR:
		return nil, partsError(passthruSerializer + " is not " + passthruCBOR)
	case env.Algorithm == "":
		// nexus's clients send payloads so that they didn't encrypt.
		return nil, partsError(passthruCipher + " is missing: not encrypted")
	case env.Algorithm != cryptobox.AlgorithmSecretBox && env.Algorithm != cryptobox.AlgorithmAESGCM:
		return nil, partsError(passthruCipher + " is none that is known")
	}
	return env, nil
}

// takeLater takes binary data alone in a later chunk by what was said of the first one,
// as routers don't repeat the details.
func takeLater(part *Part) (*Envelope, error) {
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
