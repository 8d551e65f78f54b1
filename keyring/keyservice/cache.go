package keyservice

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

const (
	cacheMode = 0o600
	cacheWait = 10 * time.Second // for another program that writes it

	// storeAgain is how old the newest time in the cache may become: it is what counts after a
	// start with a clock that was set back.
	storeAgain = time.Hour
)

// load takes what the cache has. Nobody is asked, so what is in it isn't known to be the newest.
// No cache is no error.
func (m *member) load() (*granted, error) {
	if m.Cache == "" {
		return nil, nil
	}
	wire, _, err := files.Read(m.Cache, statement.MaxAnswer)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%w isn't read: %w", ErrCache, err)
	}
	g, err := m.verify(wire, nil)
	if err != nil {
		return nil, fmt.Errorf("%w isn't used: %s: %w", ErrCache, m.Cache, err)
	}
	m.held, m.stored = g, g
	return g, nil
}

// store writes what is held, as it was served, where it has changed.
func (m *member) store() error {
	if m.Cache == "" || m.held == nil || m.isStored() {
		return nil
	}
	wire, err := m.held.answer.Marshal()
	if err != nil {
		return err
	}
	unlock, err := files.Lock(m.Cache, cacheWait)
	if err != nil {
		return err
	}
	defer unlock()
	before, err := os.Lstat(m.Cache)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = files.Create(m.Cache, wire)
	case err == nil:
		err = files.Replace(m.Cache, wire, cacheMode, before)
	}
	if err == nil {
		m.stored = m.held
	}
	return err
}

func (m *member) isStored() bool {
	return m.stored.sameGrant(m.held) && m.stored.delegation == m.held.delegation &&
		m.held.fresh.Time.Sub(m.stored.fresh.Time) < storeAgain
}
