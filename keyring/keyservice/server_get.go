package keyservice

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// get answers one get.
func (s *Server) get(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return s.refused(refusedUnavailable)
	}
	s.serving.Add(1)
	s.mu.Unlock()
	defer s.serving.Done()

	answer, why := s.serve(ctx, inv)
	if why != "" {
		return s.refused(why)
	}
	return client.InvokeResult{Args: wamp.List{serialize.BinaryData(answer)}}
}

func (s *Server) refused(why unserved) client.InvokeResult {
	s.counts.refuse(why)
	return client.InvokeResult{Err: wamp.URI(s.Prefix + errorURI + string(why)), Args: wamp.List{refusals[why]}}
}

// serve gives the answer, or why there is none.
func (s *Server) serve(ctx context.Context, inv *wamp.Invocation) ([]byte, unserved) {
	defer s.waiting.Add(-1)
	if s.waiting.Add(1) > maxWaiting {
		return nil, refusedBusy
	}
	asked, ok := getOf(inv)
	name, err := statement.MemberOf(asked)
	if !ok || err != nil {
		return nil, s.unproved(refusedMalformed)
	}
	select {
	case s.limits.atOnce <- struct{}{}:
		defer func() { <-s.limits.atOnce }()
	case <-ctx.Done():
		return nil, refusedBusy // the caller doesn't wait for it
	case <-s.ctx.Done():
		return nil, refusedUnavailable
	}
	member, get, why := s.verify(name, asked)
	if why != "" {
		return nil, why
	}
	if !member.gets.Allow() {
		return nil, refusedBusy
	}
	answer, serial, why := s.answer(name, member, get, asked)
	if why != "" {
		s.Logger.Warn("get refused", "member", name, "held", get.Serial, "why", refusals[why])
		return nil, why
	}
	s.Logger.Info("get answered", "member", name, "held", get.Serial, "serial", serial)
	return answer, ""
}

// unproved counts a get of nobody in particular, and says no more of it than the log has room for.
func (s *Server) unproved(why unserved) unserved {
	if !s.limits.refused.Allow() {
		return why
	}
	s.Logger.Warn("get refused", "why", refusals[why])
	return why
}

// getOf gives the bytes of a get: one argument, of no more than one can have.
func getOf(inv *wamp.Invocation) ([]byte, bool) {
	if len(inv.Arguments) != 1 || len(inv.ArgumentsKw) != 0 {
		return nil, false
	}
	const most = statement.MaxStatement
	switch v := inv.Arguments[0].(type) { // before it is copied out of another form
	case string:
		if len(v) > 2*most {
			return nil, false
		}
	case []any:
		if len(v) > most {
			return nil, false
		}
	}
	b, ok := wire.Bytes(inv.Arguments[0])
	return b, ok && len(b) <= most
}

// verify finds out which member has signed a get. That there is none of the name, and that it
// hasn't, are one thing to who asks.
func (s *Server) verify(name string, asked []byte) (*servedMember, statement.Get, unserved) {
	member := s.members.find(name)
	if member == nil {
		// It may be newer than the last look at the folder. Who proves nothing has the disk be
		// looked at so often, and no more.
		if !s.limits.refused.Allow() {
			return nil, statement.Get{}, refusedNotAuthorized
		}
		if _, _, err := s.grantOf(name); err != nil { // of another name too, where a disk doesn't tell cases apart
			return nil, statement.Get{}, s.unproved(refusedNotAuthorized)
		}
		member = s.members.add(name)
	}
	key, err := member.verifyKey(func() (cryptobox.VerifyKey, error) {
		m, err := s.folder.Member(name)
		return m.Key, err
	})
	if err != nil {
		return nil, statement.Get{}, s.absent(name, err)
	}
	get, err := statement.OpenGet(asked, key)
	if err != nil {
		return nil, statement.Get{}, s.unproved(refusedNotAuthorized)
	}
	return member, get, ""
}

// absent is what becomes of a get of whose member nothing can be read.
func (s *Server) absent(name string, err error) unserved {
	if errors.Is(err, fs.ErrNotExist) {
		return s.unproved(refusedNotAuthorized)
	}
	s.tell(ErrUnavailable, fmt.Errorf("the grant of %q: %w", name, err))
	return s.unproved(refusedNotAuthorized)
}

// answer makes the answer to a member's get, and keeps the receipt that the get is.
func (s *Server) answer(name string, member *servedMember, get statement.Get, asked []byte) (wire []byte, serial uint64, why unserved) {
	m, grant, err := s.grantOf(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, refusedNotAuthorized // it has gone meanwhile
	}
	if err != nil {
		s.tell(ErrUnavailable, fmt.Errorf("the grant of %q: %w", name, err))
		return nil, 0, refusedUnavailable
	}
	if grant.Authority != get.Authority {
		return nil, 0, refusedNotAuthorized
	}
	now := time.Now()
	if member.due(get, now) {
		s.receipts.add(receiptOf{receiptKey{name, get.Serial}, member, grants.Receipt{At: now, Get: asked}})
	}
	if !now.Before(grant.Expires) {
		s.tell(ErrUnavailable, fmt.Errorf("the grant of %q has expired at %s: issue a new one", name, grant.Expires.Format(time.RFC3339)))
		return nil, 0, refusedUnavailable
	}
	ciphertext := m.Ciphertext
	if get.Ciphertext == grant.Ciphertext {
		ciphertext = nil
	}
	if !s.limits.bytes.AllowN(now, len(ciphertext)+statement.MaxStatement) {
		return nil, 0, refusedBusy
	}
	delegation, fresh, err := s.prove(get.Nonce, m.Grant, now)
	if err == nil {
		wire, err = statement.Answer{Grant: m.Grant, Ciphertext: ciphertext, Delegation: delegation, Fresh: fresh}.Marshal()
	}
	if err != nil {
		s.tell(ErrUnavailable, err)
		return nil, 0, refusedUnavailable
	}
	s.counts.answer(len(ciphertext))
	return wire, grant.Serial, ""
}

// grantOf reads what a member is to have. That the file isn't whole, or another's, members would
// find out: here the operator is told.
func (s *Server) grantOf(name string) (m grants.Member, g statement.Grant, err error) {
	if m, err = s.folder.Member(name); err != nil {
		return m, g, err
	}
	if g, err = statement.ReadGrant(m.Grant); err != nil {
		return m, g, err
	}
	switch {
	case g.Member != name:
		err = fmt.Errorf("it is that of %q: copy the folder as it was issued", g.Member)
	case g.Key != statement.HashOfKey(m.Key) || g.Recipient != statement.HashOf(m.Recipient) || g.Ciphertext != statement.HashOf(m.Ciphertext):
		err = errors.New("its parts don't belong together: copy the folder as it was issued")
	}
	return m, g, err
}

// maxBehind is how far the clock may be behind the authority's. The time is then the one at which
// the delegation began.
const maxBehind = time.Minute

// freshKey gives the key that proves that grants are fresh, with its delegation, which holds at a
// time.
func (s *Server) freshKey(now time.Time) (key grants.Fresh, d statement.Delegation, err error) {
	if key, err = s.folder.Fresh(); err == nil {
		d, err = statement.ReadDelegation(key.Delegation)
	}
	switch {
	case err != nil:
	case d.Key != key.Key.Public():
		err = errors.New("its delegation is of another key: copy the folder as it was issued")
	case now.After(d.NotAfter):
		err = fmt.Errorf("its delegation has ended at %s: issue a new one", d.NotAfter.Format(time.RFC3339))
	case now.Add(maxBehind).Before(d.NotBefore):
		err = fmt.Errorf("its delegation begins at %s, which the clock here hasn't come to: set both machines' by NTP", d.NotBefore.Format(time.RFC3339))
	}
	if err != nil {
		err = fmt.Errorf("the fresh key: %w", err)
	}
	return key, d, err
}

// prove says by the fresh key that a grant is the one of now.
func (s *Server) prove(nonce [32]byte, grant []byte, now time.Time) (delegation, fresh []byte, err error) {
	key, d, err := s.freshKey(now)
	if err != nil {
		return nil, nil, err
	}
	if now.Before(d.NotBefore) {
		now = d.NotBefore
	}
	fresh, err = statement.Fresh{Nonce: nonce, Grant: statement.HashOf(grant), Time: now}.Sign(key.Key)
	return key.Delegation, fresh, err
}
