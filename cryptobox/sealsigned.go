package cryptobox

import (
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

var (
	errNoExchange = &codec.ValueError{Path: "exchange", Why: "an answer is sealed in the exchange that its call began"}
	errNoSeal     = &KeyError{What: "signed key", Err: fmt.Errorf("%w: without the public half of the reading key it answers only", ErrKey)}
)

// prepare signs a record that was encoded, in the context of its exchange, or in that of the
// Session and the hour if it begins one.
func (s *signing) prepare(ws *sealspace, rec *Record) (err error) {
	direction := rec.Kind.Direction()
	if ws.context, err = s.contextOf(rec, direction); err != nil {
		return err
	}
	ws.cipher = &ws.context.ciphers[direction]
	if direction == Message {
		ws.encapsulated = ws.context.encapsulated
	}
	used := s.form(rec.Kind)
	ws.sealed[0] = byte(used)
	switch used {
	case formSigned:
		return s.sign(ws, direction)
	case formOnce:
		return s.signOnce(ws, direction, rec)
	}
	ws.token = s.token()
	return nil
}

// signOnce fills in the front of form 2. It seals in place: the token follows from what is
// sealed.
func (s *signing) signOnce(ws *sealspace, direction Direction, rec *Record) error {
	if err := s.vouch(ws, direction, rec.get().realm, &rec.Head); err != nil {
		return err
	}
	ws.scratch = ws.appendClear(ws.scratch[:0])
	ws.sealed = ws.cipher.seal(ws.sealed[:0], ws.scratch, &ws.nonce, ws.sealed)
	ws.ahead = true
	ws.token = s.token(ws.nonce[:], ws.sealed[len(ws.sealed)-tagSize:])
	return nil
}

// contextOf gives the context in which a record is sealed.
func (s *signing) contextOf(rec *Record, direction Direction) (*sealContext, error) {
	switch c := rec.Exchange.get(); {
	case c != nil && c.key != s.key, c == nil && direction == Answer:
		return nil, errNoExchange
	case c != nil && direction == Message && c.encapsulated == nil:
		return nil, errNoExchange // another's
	case c != nil:
		return c, nil
	case s.parts.Seal.IsZero():
		return nil, errNoSeal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, there := s.sending.Get(rec.From); there && c.span.holds(rec.TS) {
		return c, nil
	}
	c, err := s.newContext()
	if err != nil {
		return nil, err
	}
	c.span = spanFrom(rec.TS)
	s.sending.Add(rec.From, c, maxSending)
	return c, nil
}

// newContext begins a context. mu is held.
func (s *signing) newContext() (c *sealContext, err error) {
	if s.public == nil {
		if s.public, err = s.parts.Seal.encapsulator(); err != nil {
			return nil, err
		}
	}
	encapsulated, sender, err := newSender(s.public, s.info)
	if err != nil {
		return nil, err
	}
	if c, err = newContext(sender, s.key, encapsulated); err == nil {
		c.encapsulated = encapsulated
	}
	return c, err
}

// sign fills in the front of form 1.
func (s *signing) sign(ws *sealspace, direction Direction) error {
	ws.scratch = ws.appendClear(ws.scratch[:0])
	before := len(ws.scratch)
	ws.scratch = s.appendSignature(ws.scratch, direction, ws.scratch[:before], ws.record())
	signature, err := s.parts.Sign.sign(ws.scratch[before:])
	if err != nil {
		return err
	}
	copy(ws.sealed[signerAt:], s.own[:])
	copy(signatureIn(ws.sealed[:ws.front]), signature[:])
	ws.token = s.token(signature[:])
	return nil
}
