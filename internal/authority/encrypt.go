package authority

import (
	"filippo.io/age"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// age refuses to encrypt one file to recipients of both kinds: a hybrid one says "postquantum" of
// itself (age.RecipientWithLabels), and all of a file have to say the same. So a member's grant
// goes to the recovery recipient of the member's kind.

// hybrid tells whether a recipient withstands quantum computers.
func hybrid(recipient string) bool { return keyservice.Enrolment{Recipient: recipient}.Hybrid() }

// checkRecovery refuses recipients of which there is more than one of a kind.
func checkRecovery(recipients []string) error {
	kinds := map[bool]bool{}
	for _, text := range recipients {
		if _, err := keyservice.ParseRecipient(text); err != nil {
			return fail(ErrRecipient, "%w", err)
		}
		if kinds[hybrid(text)] {
			return fail(ErrRecipient, "two recovery recipients are of one kind: give one of X25519 (age1...) and one that is hybrid (age1pq1...) at most")
		}
		kinds[hybrid(text)] = true
	}
	return nil
}

// recipients gives whom a member's grant is encrypted to.
func (s *state) recipients(recipient string) ([]age.Recipient, error) {
	own, err := keyservice.ParseRecipient(recipient)
	if err != nil {
		return nil, fail(ErrRecipient, "%w", err)
	}
	all := []age.Recipient{own}
	for _, text := range s.Recovery {
		if hybrid(text) != hybrid(recipient) {
			continue
		}
		recovery, err := keyservice.ParseRecipient(text)
		if err != nil {
			return nil, fail(ErrRecipient, "%w", err)
		}
		all = append(all, recovery)
	}
	if len(s.Recovery) > 0 && len(all) == 1 {
		return nil, fail(ErrRecipient, "the recovery recipient is of the other kind (X25519 or hybrid), and age doesn't encrypt one file to both: "+
			"give a recovery recipient of this kind too, or let the member make its identity anew (wampbox identity, with -pq or without)")
	}
	return all, nil
}
