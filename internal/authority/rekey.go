package authority

import (
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// maxPrevious is how many earlier keys are remembered.
const maxPrevious = 16

// Rekey gives the authority a new key, and destroys the old one. Grants are signed with the new
// one from the next Issue on: until then, have all members pin both.
func (a *Authority) Rekey() (old, next cryptobox.VerifyKey, err error) {
	old = a.Key()
	err = a.change("rekey", "", func(s *state) error {
		s.Key = signingKey{cryptobox.GenerateSigningKey()}
		s.Previous = slices.Insert(s.Previous, 0, old)
		s.Previous = s.Previous[:min(len(s.Previous), maxPrevious)]
		return nil
	})
	return old, a.Key(), err
}
