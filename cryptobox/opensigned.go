package cryptobox

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

var (
	errNoRead = &KeyError{What: "signed key", Err: fmt.Errorf("%w: without the reading key it opens answers only", ErrKey)}
	errForm   = fmt.Errorf("%w: what is sealed is of no form that there is, or cut short", ErrMalformed)
)

// open opens what was sealed in the context of x; if that is nil it begins an exchange. It
// finds who signed, verifies that, and only then reads the record. In form 2, whose signature
// covers a part of the record, it reads first.
func (s *signing) open(ws *sealspace, x *sealContext, enc []byte, direction Direction, into *Opened) error {
	at := sealedAt
	if direction == Message {
		at += s.parts.Suite.encapsulatedSize()
	}
	if len(enc) < at+tagSize {
		return ErrOpen
	}
	fresh, err := s.findContext(ws, x, enc[nonceAt:at-nonceSize], direction)
	if err != nil {
		return err
	}
	if err := ws.unseal(&ws.context.ciphers[direction], enc, at, mostFront); err != nil {
		return err
	}
	used, err := ws.readForm()
	if err != nil {
		return err
	}
	signer, err := s.admit(ws, used, direction)
	if err != nil {
		return err
	}
	if used == formOnce {
		if err := ws.read(&into.Head); err != nil {
			return err
		}
		if !into.Kind.once() || !signer.IsZero() && !ws.context.vouched(ws, direction, signer, &into.Head) {
			return ErrSigner
		}
	} else if !signer.IsZero() && !s.verify(ws, signer, enc[:at], direction) {
		return ErrSigner
	}
	if fresh {
		s.reading.add(ws.context, signer, time.Now())
	}
	into.Token, into.Signer = s.tokenIn(ws, used, enc, at), signer
	if used == formOnce {
		return nil
	}
	return ws.read(&into.Head)
}

// findContext puts the context of a message into ws, and tells whether it isn't remembered.
func (s *signing) findContext(ws *sealspace, x *sealContext, encapsulated []byte, direction Direction) (fresh bool, err error) {
	if direction == Answer {
		if x == nil || x.key != s.key {
			return false, ErrOpen
		}
		ws.context = x
		return false, nil
	}
	if s.parts.Read.IsZero() {
		return false, errNoRead
	}
	hash := sha256.Sum256(encapsulated)
	if x != nil {
		if x.key != s.key || x.hash != hash {
			return false, ErrOpen
		}
		ws.context = x
		return false, nil
	}
	if ws.context, fresh = s.reading.get(&hash); ws.context != nil {
		return fresh, nil
	}
	ws.context, err = s.decapsulate(encapsulated)
	return true, err
}

// decapsulate computes the context of an encapsulated key, one after the other.
func (s *signing) decapsulate(encapsulated []byte) (*sealContext, error) {
	s.reading.decapsulating.Lock()
	defer s.reading.decapsulating.Unlock()
	recipient, err := s.parts.Read.receive(encapsulated, s.info)
	if err != nil {
		return nil, err
	}
	return newContext(recipient, s.key, encapsulated)
}

// readForm reads what stands before the record, and where that begins.
func (ws *sealspace) readForm() (form, error) {
	if len(ws.sealed) == 0 || form(ws.sealed[0]) > formOnce {
		return 0, errForm
	}
	used := form(ws.sealed[0])
	if len(ws.sealed) < used.front() {
		return 0, errForm
	}
	ws.front = used.front()
	if ws.size() > codec.MaxBytes {
		return 0, errRecordSize
	}
	return used, nil
}

// admit gives the key that has to have signed what was opened, or none where it may be
// anybody's.
func (s *signing) admit(ws *sealspace, used form, direction Direction) (VerifyKey, error) {
	switch {
	case used == formOnce && !s.parts.SignedOnce:
		return VerifyKey{}, ErrSigner
	case direction == Answer && s.parts.AnyAnswerer:
		return VerifyKey{}, nil
	case used == formUnsigned:
		return VerifyKey{}, ErrSigner
	}
	signer, listed := s.listed[direction][Signer(ws.sealed[signerAt:])]
	if !listed {
		return VerifyKey{}, ErrSigner
	}
	return signer, nil
}

// verify looks at the signature of form 1.
func (s *signing) verify(ws *sealspace, signer VerifyKey, before []byte, direction Direction) bool {
	ws.scratch = s.appendSignature(ws.scratch[:0], direction, before, ws.record())
	return signer.verify(ws.scratch, (*[ed25519.SignatureSize]byte)(signatureIn(ws.sealed[:ws.front])))
}

// tokenIn is the one of a message that was opened.
func (s *signing) tokenIn(ws *sealspace, used form, enc []byte, at int) Token {
	switch used {
	case formSigned:
		return s.token(signatureIn(ws.sealed[:ws.front]))
	case formOnce:
		return s.token(enc[at-nonceSize:at], enc[len(enc)-tagSize:])
	}
	return s.token() // of all that nobody signed: none of these is ever referred to
}
