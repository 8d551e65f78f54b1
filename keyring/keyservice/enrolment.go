package keyservice

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// Enrolment is what an authority has to know of a member. It holds no secret, but who hands it
// over decides whom the authority trusts: it goes to the operator by another way than the router.
//
// It is made by [Identity.Enrolment] and [ParseEnrolment], and signed by the member itself. It can
// be compared with ==.
type Enrolment struct {
	Name      string
	Key       cryptobox.VerifyKey
	Recipient string // age's text, of X25519 or hybrid

	signature [ed25519.SignatureSize]byte
}

// enrolmentLabel begins the line.
const enrolmentLabel = "wampbox-identity-1"

// maxEnrolment bounds a line, in bytes, with white space.
const maxEnrolment = 8192

// ParseEnrolment reads the line that [Enrolment.String] writes, and verifies it. Its five words
// may stand apart by any white space, ends of lines too. The error is an [*Error] that wraps
// [ErrEnrolment].
func ParseEnrolment(line string) (Enrolment, error) {
	e, err := parseEnrolment(line)
	if err == nil {
		err = e.check()
	}
	if err != nil {
		return Enrolment{}, fail("read enrolment", ErrEnrolment, "%w", err)
	}
	return e, nil
}

func parseEnrolment(line string) (e Enrolment, err error) {
	if len(line) > maxEnrolment {
		return e, fmt.Errorf("it has %d bytes, and a line has %d at most", len(line), maxEnrolment)
	}
	words := strings.Fields(line)
	if len(words) == 0 || words[0] != enrolmentLabel {
		return e, fmt.Errorf("it doesn't begin with %s: give the line that wampbox identity printed", enrolmentLabel)
	}
	if len(words) != 5 {
		return e, fmt.Errorf("it has %d words in place of 5: give the whole line that wampbox identity printed", len(words))
	}
	e.Name, e.Recipient = words[1], words[3]
	if e.Key, err = cryptobox.ParseVerifyKey(words[2]); err == nil && e.Key.String() != words[2] {
		err = errors.New("the verify key isn't written as an identity writes it")
	}
	if err != nil {
		return e, err
	}
	signature, err := base64.StdEncoding.DecodeString(words[4])
	if err != nil || len(signature) != len(e.signature) || base64.StdEncoding.EncodeToString(signature) != words[4] {
		return e, errors.New("its last word is no signature in base64: give the whole line that wampbox identity printed")
	}
	e.signature = [ed25519.SignatureSize]byte(signature)
	return e, nil
}

// Verify tells whether it is one that [ParseEnrolment] would give. The error is an [*Error] that
// wraps [ErrEnrolment].
func (e Enrolment) Verify() error {
	if err := e.check(); err != nil {
		return fail("verify enrolment", ErrEnrolment, "%w", err)
	}
	return nil
}

func (e Enrolment) check() error {
	if err := statement.CheckName(e.Name); err != nil {
		return err
	}
	if _, err := ParseRecipient(e.Recipient); err != nil {
		return err
	}
	switch err := e.statement().Verify(e.signature); {
	case errors.Is(err, statement.ErrForged):
		return errors.New("its signature isn't by the key in it: it was altered, or cut where it was copied")
	case err != nil:
		return err
	}
	return nil
}

func (e Enrolment) statement() statement.Identity {
	return statement.Identity{Name: e.Name, Key: e.Key, Recipient: e.Recipient}
}

// String is the line that is handed to the operator of an authority: the label
// "wampbox-identity-1", name, verify key, recipient and signature, with spaces between them. It is
// "" of the zero Enrolment.
func (e Enrolment) String() string {
	if e == (Enrolment{}) {
		return ""
	}
	return strings.Join([]string{enrolmentLabel, e.Name, e.Key.String(), e.Recipient, base64.StdEncoding.EncodeToString(e.signature[:])}, " ")
}

// MarshalText is String, of what [Enrolment.Verify] takes.
func (e Enrolment) MarshalText() ([]byte, error) {
	if err := e.Verify(); err != nil {
		return nil, err
	}
	return []byte(e.String()), nil
}

// UnmarshalText is [ParseEnrolment]. On an error e stays as it was.
func (e *Enrolment) UnmarshalText(text []byte) error {
	parsed, err := ParseEnrolment(string(text))
	if err == nil {
		*e = parsed
	}
	return err
}

// ParseRecipient reads the text of whom age encrypts to: an [*age.X25519Recipient] or an
// [*age.HybridRecipient]. The error wraps [ErrEnrolment], and doesn't repeat the text.
//
// It is tried whether it can be encrypted to: age takes points of low order for recipients, and one
// such member would keep an authority from issuing anything.
func ParseRecipient(text string) (age.Recipient, error) {
	if len(text) > statement.MaxRecipient {
		return nil, fmt.Errorf("%w: a recipient of %d bytes", ErrEnrolment, len(text))
	}
	var recipient age.Recipient
	var err error
	if strings.HasPrefix(text, hybridPrefix) {
		recipient, err = age.ParseHybridRecipient(text)
	} else {
		recipient, err = age.ParseX25519Recipient(text)
	}
	if err != nil { // what age says repeats the text
		return nil, fmt.Errorf("%w: the recipient is none of age, which begin with age1 or, if hybrid, age1pq1", ErrEnrolment)
	}
	if _, err := recipient.Wrap(make([]byte, fileKey)); err != nil {
		return nil, fmt.Errorf("%w: nothing can be encrypted to the recipient", ErrEnrolment)
	}
	return recipient, nil
}

// fileKey is how many bytes age encrypts to each recipient.
const fileKey = 16

// hybridPrefix begins the texts of hybrid recipients.
const hybridPrefix = "age1pq1"

// Hybrid tells whether the member's age recipient withstands quantum computers.
func (e Enrolment) Hybrid() bool { return strings.HasPrefix(e.Recipient, hybridPrefix) }
