package keyservice

import (
	"context"
	"errors"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Fetch asks the server once, and gives the member's keyring: a file that says how long it counts
// (keyfile.Grant). A signing key in it that is the member's own stands as "identity":
// keyfile.File.FillIdentity writes it there. The Cache is taken into account and written. The
// server is then told what the member holds; where that fails, the next Fetch does it.
//
// OnError is told of a Cache that can't be used, which is then replaced. Every, Stale and OnChange
// count for [Watch] alone. The caller wipes the File. The error
// is an [*Error].
func Fetch(ctx context.Context, session transparency.Client, cfg Config) (*keyfile.File, error) {
	m, err := newMember(session, cfg)
	if err != nil {
		return nil, &Error{"fetch", err}
	}
	if _, err := m.load(); err != nil {
		m.tell(wrap("load", err))
	}
	file, err := m.fetch(ctx)
	if err != nil {
		return nil, &Error{"fetch", err}
	}
	if q, err := m.query(); err == nil {
		_ = q.ask(ctx) // the answer says what is known by now
	}
	return file, nil
}

func (m *member) fetch(ctx context.Context) (*keyfile.File, error) {
	q, err := m.query()
	if err != nil {
		return nil, err
	}
	r := q.ask(ctx)
	if r.err != nil {
		return nil, r.err
	}
	g, err := m.verify(r.wire, &r.nonce)
	if err != nil {
		return nil, err
	}
	file, err := g.open(m.Identity)
	if err != nil {
		return nil, err
	}
	if _, err = file.Ring(); err != nil {
		err = malformed(err)
	} else {
		m.held = g
		err = m.keep()
	}
	if err != nil {
		file.Wipe()
		return nil, err
	}
	return file, nil
}

// malformed is the error of a keyring whose parts don't go together.
func malformed(err error) error {
	if errors.Is(err, ErrMalformed) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrMalformed, err)
}
