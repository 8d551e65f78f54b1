package wire

import (
	"regexp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Options and details of payload transparency.
const (
	autobahnPrefix     = "enc_"
	autobahnAlgorithm  = autobahnPrefix + "algo"
	autobahnSerializer = autobahnPrefix + "serializer"
	autobahnKeyID      = autobahnPrefix + "key"
)

// autobahnJSON is the one serializer of its records: Autobahn reads nothing else.
const autobahnJSON = "json"

// autobahn is the dialect of Autobahn and Crossbar.io, which they call payload
// transparency:
//
//	Options|Details = {"enc_algo": "cryptobox", "enc_serializer": "json"}
//	binary data in place of Arguments, where the message ends
//
// An enc_key isn't sent, and ignored. Routers that don't know the dialect either refuse
// such a message or pass it on in pieces.
type autobahn struct{}

// traits: Crossbar.io announces payload_transparency for broker and dealer, and carries
// the dialect whatever clients announce.
func (autobahn) traits() Traits {
	return Traits{
		Announce:   []string{"payload_transparency", "payload_encryption_cryptobox"},
		Require:    "payload_transparency",
		Serialized: true,
		Prefix:     autobahnPrefix,
	}
}

func (autobahn) put(part *Part, env *Envelope) {
	part.Dict = addTo(part.Dict, map[string]string{
		autobahnAlgorithm:  env.Algorithm,
		autobahnSerializer: autobahnJSON,
	})
	part.Args, part.Kwargs, part.Raw = nil, nil, env.Payload
}

func (autobahn) in(part *Part) bool { return part.Raw != nil || hasAny(part.Dict, autobahnPrefix) }

func (autobahn) take(part *Part) (*Envelope, error) {
	if len(part.Raw) == 0 {
		return nil, partsError("enc_ details without binary data in place of the arguments")
	}
	if len(part.Args) != 0 || len(part.Kwargs) != 0 {
		return nil, partsError("arguments beside binary data")
	}
	env := &Envelope{Dialect: cryptobox.Autobahn, Payload: part.Raw}
	var serializer string
	err := attributesOf(part, autobahnPrefix, map[string]*string{
		autobahnAlgorithm:  &env.Algorithm,
		autobahnSerializer: &serializer,
		autobahnKeyID:      nil,
	})
	switch {
	case err != nil:
		return nil, err
	case !autobahnCarries(env.Algorithm):
		return nil, partsError(autobahnAlgorithm + " is missing, or none that routers pass on")
	case serializer != autobahnJSON:
		return nil, partsError(autobahnSerializer + " is not " + autobahnJSON)
	}
	return valid(env)
}

var customAlgorithm = regexp.MustCompile(`\Ax_[a-z][a-z0-9_]+\z`)

// autobahnCarries reports whether an algorithm is one that Autobahn and Crossbar.io let
// through. For any other they close the connection.
func autobahnCarries(algorithm string) bool {
	switch algorithm {
	case cryptobox.AlgorithmBox, "mqtt", "xbr":
		return true
	}
	return customAlgorithm.MatchString(algorithm)
}
