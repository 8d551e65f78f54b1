package grantor

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// Errors that a server answers with, by the end of their URI.
var (
	ErrNotAuthorized = errors.New("not_authorized")
	ErrMalformed     = errors.New("malformed")
)

// Server answers as an honest one does, but for what a hook changes.
type Server struct {
	t testing.TB

	mu         sync.Mutex
	authority  *Authority
	key        cryptobox.SigningKey
	delegation []byte
	grants     map[string]Grant
	gets       []statement.Get
	hook       Hook
	ahead      time.Duration
}

// Hook changes an honest answer.
type Hook func(get statement.Get, honest statement.Answer) statement.Answer

// NewServer makes one with a fresh key, which the authority delegates to.
func NewServer(t testing.TB, a *Authority) *Server {
	s := &Server{t: t, key: cryptobox.GenerateSigningKey(), grants: map[string]Grant{}}
	s.Delegate(a)
	return s
}

// Delegate has an authority delegate to the server's key, and takes its word from now on.
func (s *Server) Delegate(a *Authority, edits ...func(*statement.Delegation)) {
	wire := a.Delegate(s.t, s.key.Public(), edits...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.authority, s.delegation = a, wire
}

// Put has a grant be served from now on.
func (s *Server) Put(g Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grants[g.Member] = g
}

// Key is the fresh key.
func (s *Server) Key() cryptobox.SigningKey { return s.key }

// Hook has answers be changed, nil for honest ones.
func (s *Server) Hook(h Hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = h
}

// Ahead sets the server's clock ahead of ours.
func (s *Server) Ahead(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead = by
}

// Gets are those that were verified so far.
func (s *Server) Gets() []statement.Get {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.gets)
}

// Handle answers a get.
func (s *Server) Handle(wire []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, err := statement.MemberOf(wire)
	if err != nil {
		return nil, ErrMalformed
	}
	g, ok := s.grants[name]
	if !ok {
		return nil, ErrNotAuthorized
	}
	get, err := statement.OpenGet(wire, g.Key)
	if err != nil || get.Authority != statement.HashOfKey(s.authority.Key.Public()) {
		return nil, ErrNotAuthorized
	}
	s.gets = append(s.gets, get)
	answer := statement.Answer{Grant: g.Wire, Ciphertext: g.Ciphertext, Delegation: s.delegation}
	if get.Ciphertext == statement.HashOf(g.Ciphertext) {
		answer.Ciphertext = nil
	}
	answer.Fresh = s.Fresh(get.Nonce, g.Wire)
	if s.hook != nil {
		answer = s.hook(get, answer)
	}
	return answer.Marshal()
}

// Fresh says of a grant that it is the one of now. A hook may call it.
func (s *Server) Fresh(nonce [32]byte, grant []byte, edits ...func(*statement.Fresh)) []byte {
	f := statement.Fresh{Nonce: nonce, Grant: statement.HashOf(grant), Time: time.Now().Add(s.ahead)}
	for _, edit := range edits {
		edit(&f)
	}
	wire, err := f.Sign(s.key)
	if err != nil {
		s.t.Error(err)
	}
	return wire
}
