package cryptobox

import (
	"crypto/ed25519"
	"crypto/sha256"
)

// voucherLabel begins what is signed once for a context.
const voucherLabel = "wampbox-context-2\x00"

// voucher is a signature, made once, of what one Session of a signer seals in a context, in one
// direction, between two dates.
type voucher struct {
	signer Signer
	from   SenderID
	realm  string
	span   span
	front  [mostFront]byte // as it stands before the record
}

// covers tells whether the voucher is for a record.
func (v *voucher) covers(signer Signer, from SenderID, realm string, ts int64) bool {
	return v.signer == signer && v.from == from && v.realm == realm && v.span.holds(ts)
}

// appendVoucher appends what is signed.
func (c *sealContext) appendVoucher(dst []byte, direction Direction, realm []byte, from SenderID, s span) []byte {
	named := sha256.Sum256(realm)
	dst = append(append(dst, voucherLabel...), byte(direction))
	dst = append(append(dst, c.key[:]...), c.hash[:]...)
	dst = append(append(dst, named[:]...), from[:]...)
	return s.append(dst)
}

// vouch gives the front of form 2 for a record that is sealed in c. It is signed anew where
// there is none yet, or that has ended.
func (s *signing) vouch(ws *sealspace, direction Direction, realm string, head *Head) error {
	c := ws.context
	c.vouching.Lock()
	defer c.vouching.Unlock()
	own := &c.own[direction]
	if !own.covers(s.own, head.From, realm, head.TS) {
		made := voucher{signer: s.own, from: head.From, realm: realm, span: spanFrom(head.TS)}
		ws.scratch = c.appendVoucher(ws.scratch[:0], direction, []byte(realm), head.From, made.span)
		signature, err := s.parts.Sign.sign(ws.scratch)
		if err != nil {
			return err
		}
		front := append(made.front[:0], byte(formOnce))
		front = made.span.append(append(front, s.own[:]...))
		copy(made.front[len(front):], signature[:])
		*own = made
	}
	copy(ws.sealed, own.front[:])
	return nil
}

// vouched tells whether what was read of a message in form 2 was signed for its context.
// What was verified once is known from then on.
func (c *sealContext) vouched(ws *sealspace, direction Direction, signer VerifyKey, head *Head) bool {
	front := ws.sealed[:mostFront]
	between := readSpan(front)
	if !between.holds(head.TS) {
		return false
	}
	ws.scratch = c.appendVoucher(ws.scratch[:0], direction, ws.realm, head.From, between)
	signed := len(ws.scratch)
	ws.scratch = append(ws.scratch, front[signerAt:]...)
	name := sha256.Sum256(ws.scratch)
	c.mu.Lock()
	_, known := c.vouchers.Get(name)
	c.mu.Unlock()
	if known {
		return true
	}
	signature := [ed25519.SignatureSize]byte(front[mostFront-ed25519.SignatureSize:])
	if !signer.verify(ws.scratch[:signed], &signature) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.vouchers.Add(name, struct{}{}, maxVouchers)
	return true
}
