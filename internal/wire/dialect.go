package wire

import (
	"fmt"
	"slices"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// dialect is how one dialect lays out a message.
type dialect interface {
	traits() Traits

	// put replaces the payload of part with env, whose payload it doesn't copy.
	put(part *Part, env *Envelope)

	// in reports whether part has something of the dialect.
	in(part *Part) bool

	// take returns the envelope in part, which has something of this dialect, and of no
	// other. Its payload may share memory with part.
	take(part *Part) (*Envelope, error)
}

// Traits are all that other layers need to know of a dialect.
type Traits struct {
	// Announce lists the features that a client announces for each of its
	// roles (WAMP specification, "Feature Announcement").
	Announce []string

	// Require is the feature that a router has to announce for the roles broker
	// and dealer, or empty where any router carries the dialect.
	Require string

	// Serialized is true for a dialect that shows only in serialized messages,
	// so that a link inside the process can't carry it.
	Serialized bool

	// Prefix is what options and details that belong to the dialect begin with.
	Prefix string
}

// dialects is the one list of those that there are.
var dialects = [...]dialect{
	cryptobox.Wampbox:  wampbox{},
	cryptobox.Autobahn: autobahn{},
	cryptobox.Passthru: passthru{},
}

// Dialects is how many there are.
const Dialects = len(dialects)

// TraitsOf tells of a dialect.
func TraitsOf(d cryptobox.Dialect) Traits { return dialects[d].traits() }

// Announced lists the features of all dialects.
func Announced() (features []string) {
	for _, d := range dialects {
		features = append(features, d.traits().Announce...)
	}
	return features
}

// Put replaces the payload of part with env, which is part of it from then on.
func Put(part *Part, env *Envelope) { dialects[env.Dialect].put(part, env) }

// Take returns the envelope in part, or nil where the payload is plain: where nothing of
// any dialect is there. Anything between the two is an error that wraps [ErrParts] or
// [cryptobox.ErrTooLarge]. The payload may share memory with part.
func Take(part *Part) (*Envelope, error) {
	env, err := take(part)
	if err != nil && (wampbox{}).in(part) {
		err = fmt.Errorf("%w: %w", ErrEnc, err)
	}
	return env, err
}

func take(part *Part) (*Envelope, error) {
	var one dialect
	for _, d := range dialects {
		switch {
		case !d.in(part):
		case one != nil:
			return nil, partsError("what belongs to two dialects")
		default:
			one = d
		}
	}
	switch {
	case one != nil:
		return one.take(part)
	case part.First != nil:
		return takeLater(part)
	}
	return nil, nil
}

// prefixes are those of options and details that belong to a dialect.
var prefixes = func() (all []string) {
	for _, d := range dialects {
		if prefix := d.traits().Prefix; prefix != "" {
			all = append(all, prefix)
		}
	}
	return all
}()

// Reserved reports whether an option or detail belongs to a dialect: the enc_
// attributes of payload transparency, the ppt_ attributes of payload passthru
// mode (WAMP specification, "Payload Passthru Mode").
func Reserved(name string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return has(name, prefix) })
}

// ReservedIn returns an option or detail in dict that belongs to a dialect.
func ReservedIn(dict wamp.Dict) (name string, found bool) {
	for name := range dict {
		if Reserved(name) {
			return name, true
		}
	}
	return "", false
}
