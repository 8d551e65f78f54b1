package keyservice

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"

	"filippo.io/age"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// Identity is a member's own: its name, the signing key by which it asks for keys, and what opens
// the keys that it is given. It made both itself, and no authority has them. Replicas of a program
// share one. Several goroutines may use it.
//
// It prints and marshals as a [cryptobox.PrivateKey] does: not at all, but for the name.
type Identity struct {
	name string
	// hidden is behind a func value, where nothing that walks fields finds it.
	hidden func() *identity
}

// identity is what is hidden of one.
type identity struct {
	signing cryptobox.SigningKey

	mu      sync.Mutex
	decrypt []opener // the present one first
	path    string   // of its file, "" without one
}

// opener is an age identity of one of the two kinds that members have.
type opener struct {
	ageIdentity
	recipient string
}

// ageIdentity is what both kinds have: its String is the text of the private half.
type ageIdentity interface {
	age.Identity
	fmt.Stringer
}

// GenerateIdentity makes one: hybrid is for what has to withstand quantum computers, such as
// reading keys of suite signed-pq. The error is an [*Error] that wraps [ErrIdentity], of a name
// that members can't have.
func GenerateIdentity(name string, hybrid bool) (*Identity, error) {
	const op = "generate identity"
	decrypt, err := generateOpener(hybrid)
	if err != nil {
		return nil, fail(op, ErrIdentity, "%w", err)
	}
	return newIdentity(op, name, cryptobox.GenerateSigningKey(), decrypt)
}

func generateOpener(hybrid bool) (opener, error) {
	var made age.Identity
	var err error
	if hybrid {
		made, err = age.GenerateHybridIdentity()
	} else {
		made, err = age.GenerateX25519Identity()
	}
	if err != nil {
		return opener{}, err
	}
	return newOpener(made)
}

// NewIdentity makes one of keys that there are. The signing key may be one in a device. Those that
// decrypt are of the types [*age.X25519Identity] and [*age.HybridIdentity]; the recipient of the
// first one is enrolled. The error is an [*Error] that wraps [ErrIdentity].
func NewIdentity(name string, signing cryptobox.SigningKey, decrypt ...age.Identity) (*Identity, error) {
	const op = "new identity"
	openers := make([]opener, len(decrypt))
	for i, one := range decrypt {
		var err error
		if openers[i], err = newOpener(one); err != nil {
			return nil, fail(op, ErrIdentity, "%w", err)
		}
	}
	return newIdentity(op, name, signing, openers...)
}

func newOpener(of age.Identity) (opener, error) {
	switch own := of.(type) {
	case *age.X25519Identity:
		if own != nil {
			return opener{own, own.Recipient().String()}, nil
		}
	case *age.HybridIdentity:
		if own != nil {
			return opener{own, own.Recipient().String()}, nil
		}
	}
	return opener{}, fmt.Errorf("what decrypts is a %T: give an *age.X25519Identity or an *age.HybridIdentity", of)
}

// maxOpeners bounds the age identities of one.
const maxOpeners = 8

func newIdentity(op, name string, signing cryptobox.SigningKey, decrypt ...opener) (*Identity, error) {
	if err := statement.CheckName(name); err != nil {
		return nil, fail(op, ErrIdentity, "%w", err)
	}
	switch {
	case signing.IsZero():
		return nil, fail(op, ErrIdentity, "there is no signing key")
	case len(decrypt) == 0:
		return nil, fail(op, ErrIdentity, "there is no age identity")
	case len(decrypt) > maxOpeners:
		return nil, fail(op, ErrIdentity, "there are %d age identities, and %d are the most", len(decrypt), maxOpeners)
	}
	for i, one := range decrypt {
		if indexOf(decrypt[:i], one.recipient) >= 0 {
			return nil, fail(op, ErrIdentity, "an age identity is given twice")
		}
	}
	own := &identity{signing: signing, decrypt: slices.Clone(decrypt)}
	return &Identity{name: name, hidden: func() *identity { return own }}, nil
}

func indexOf(openers []opener, recipient string) int {
	return slices.IndexFunc(openers, func(one opener) bool { return one.recipient == recipient })
}

// own gives what is hidden, of a zero Identity nothing.
func (i *Identity) own() *identity {
	if i == nil || i.hidden == nil {
		return new(identity)
	}
	return i.hidden()
}

// Name is how the authority calls the member.
func (i *Identity) Name() string {
	if i == nil {
		return ""
	}
	return i.name
}

// SigningKey is what the member signs with: what it asks for, and its messages where keys are
// signed ones.
func (i *Identity) SigningKey() cryptobox.SigningKey { return i.own().signing }

// Recipient is age's text of whom grants are encrypted to.
func (i *Identity) Recipient() string {
	own := i.own()
	own.mu.Lock()
	defer own.mu.Unlock()
	if len(own.decrypt) == 0 {
		return ""
	}
	return own.decrypt[0].recipient
}

// Enrolment signs what an authority has to know of the member. The error is an [*Error]: a device
// can fail to sign.
func (i *Identity) Enrolment() (Enrolment, error) {
	const op = "sign enrolment"
	key := i.SigningKey()
	if key.IsZero() {
		return Enrolment{}, fail(op, ErrIdentity, "it is a zero Identity")
	}
	e := Enrolment{Name: i.Name(), Key: key.Public(), Recipient: i.Recipient()}
	signature, err := e.statement().Sign(key)
	if err != nil {
		return Enrolment{}, &Error{op, err}
	}
	e.signature = signature
	return e, nil
}

// decrypters gives all that may open a grant, the present one first.
func (i *Identity) decrypters() []age.Identity {
	own := i.own()
	own.mu.Lock()
	defer own.mu.Unlock()
	all := make([]age.Identity, len(own.decrypt))
	for at, one := range own.decrypt {
		all[at] = one.ageIdentity
	}
	return all
}

// recipients gives the texts of those that belong to them.
func (i *Identity) recipients() []string {
	own := i.own()
	own.mu.Lock()
	defer own.mu.Unlock()
	all := make([]string, len(own.decrypt))
	for at, one := range own.decrypt {
		all[at] = one.recipient
	}
	return all
}

// String shows the name.
func (i *Identity) String() string { return fmt.Sprintf("keyservice.Identity(%q)", i.Name()) }

// GoString is String.
func (i *Identity) GoString() string { return i.String() }

// Format writes String for every verb.
func (i *Identity) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, i.String()) }

// LogValue is String, for slog, which would ask MarshalText.
func (i *Identity) LogValue() slog.Value { return slog.StringValue(i.String()) }

var errSave = errors.New("keyservice: an Identity is written by Save alone")

// MarshalText fails with [cryptobox.ErrSecret], so that nobody stores what isn't there. It serves
// encoding/json too.
func (*Identity) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("%w: %w", errSave, cryptobox.ErrSecret)
}

// MarshalBinary is MarshalText.
func (i *Identity) MarshalBinary() ([]byte, error) { return i.MarshalText() }
