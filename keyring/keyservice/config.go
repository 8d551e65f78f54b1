package keyservice

import (
	"cmp"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/passby"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// What holds where [Config] says nothing.
const (
	DefaultPrefix = "wampbox."
	DefaultEvery  = 5 * time.Minute
)

// Config says who asks whom for keys, and how often. The zero value of each field but the first
// two is of use.
type Config struct {
	// Identity is the member's own.
	Identity *Identity

	// Authorities are those whose word counts, by their verify keys: the operator tells them, by
	// another way than the router. Several are for the time in which one is being changed.
	Authorities []cryptobox.VerifyKey

	// Cache is the path of a file that keeps the grant over a restart, as it was served: it is
	// encrypted and signed, and verified again. Without it, a program that starts waits until the
	// server was reached, and a router could hand it any grant that hasn't expired if it can get
	// the server's fresh key.
	Cache string

	// Prefix begins the URIs of the service, with a dot at its end: [DefaultPrefix].
	Prefix string

	// AllowPlain are patterns for which a grant may have plaintext sent or taken where it is
	// sealed: see keyring.Ring.Update.
	AllowPlain []keyring.Pattern

	// Every is the time between two fetches, [DefaultEvery], give or take a fifth. When the server
	// says that something has changed, one is made sooner.
	Every time.Duration

	// Stale is for how long a fetch may fail until that is told as [ErrStale]: 3 times Every, and
	// not less than twice.
	Stale time.Duration

	// ChangeRecipient makes a new age identity after each grant, and erases the old one once a
	// grant to the new one is in the cache: what is stolen later opens no earlier grant. It needs a
	// Cache, an Identity of a file, and that no other program uses it.
	ChangeRecipient bool

	// OnChange is called after a grant has changed the Ring, with what it changed; not for the
	// first one. It runs in the Watcher's goroutine, which waits for it; it must not call
	// [Watcher.Close] or [Watcher.Fetch].
	OnChange func(keyring.Changes)

	// OnError is called when a fetch fails, the grant runs out or the cache can't be used, once
	// for each state that these are in. The error is an [*Error], and holds no key. It runs as
	// OnChange does.
	OnError func(error)

	// Logger logs what OnChange and OnError are told, and each new grant, a line each. Nothing is
	// logged without it.
	Logger *slog.Logger
}

// longest bounds Every, which is reckoned with.
const longest = 366 * 24 * time.Hour

// maxAuthorities bounds those that are asked by turns.
const maxAuthorities = 8

// settled gives a Config with what holds where it says nothing. The error wraps [ErrConfig].
func (c Config) settled() (Config, error) {
	c.Prefix = cmp.Or(c.Prefix, DefaultPrefix)
	c.Every = cmp.Or(c.Every, DefaultEvery)
	c.Stale = cmp.Or(c.Stale, 3*c.Every)
	if c.OnChange == nil {
		c.OnChange = func(keyring.Changes) {}
	}
	if c.OnError == nil {
		c.OnError = func(error) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Authorities, c.AllowPlain = slices.Clone(c.Authorities), slices.Clone(c.AllowPlain)
	if err := c.check(); err != nil || c.Cache == "" {
		return c, err
	}
	var err error
	c.Cache, err = filepath.Abs(c.Cache) // the program may change its folder later
	return c, err
}

func (c Config) check() error {
	if err := c.checkParties(); err != nil {
		return err
	}
	for _, p := range c.AllowPlain {
		if err := p.Validate(); err != nil {
			return fmt.Errorf("%w: AllowPlain: %w", ErrConfig, err)
		}
	}
	switch {
	case !strings.HasSuffix(c.Prefix, "."):
		return fmt.Errorf("%w: Prefix %.64q: end it with a dot", ErrConfig, c.Prefix)
	case c.Every < time.Second, c.Every > longest:
		return fmt.Errorf("%w: Every %v: give a second at least, and a year at most", ErrConfig, c.Every)
	case c.Stale < 2*c.Every:
		return fmt.Errorf("%w: Stale %v: give twice Every at least, as one fetch may fail", ErrConfig, c.Stale)
	case c.ChangeRecipient && c.Cache == "":
		return fmt.Errorf("%w: ChangeRecipient without a Cache: the grant has to be kept before the old age identity is erased", ErrConfig)
	}
	return nil
}

func (c Config) checkParties() error {
	switch n := len(c.Authorities); {
	case c.Identity.SigningKey().IsZero():
		return fmt.Errorf("%w: no Identity: give the one that the authority has enrolled", ErrConfig)
	case n == 0:
		return fmt.Errorf("%w: no Authorities: give the key that wampbox authority show prints", ErrConfig)
	case n > maxAuthorities:
		return fmt.Errorf("%w: %d Authorities: give %d at most", ErrConfig, n, maxAuthorities)
	}
	for i, a := range c.Authorities {
		if a.IsZero() || slices.Contains(c.Authorities[:i], a) {
			return fmt.Errorf("%w: an authority's key is zero or given twice", ErrConfig)
		}
	}
	return nil
}

// procedure and topic are the service's.
func (c Config) procedure() string { return c.Prefix + passby.Get }
func (c Config) topic() string     { return c.Prefix + passby.Changed }

// source is what the ring knows the grants' patterns by. An authority's key may change.
func (c Config) source() string {
	return fmt.Sprintf("key service %s for %s", c.Prefix, c.Identity.Name())
}
