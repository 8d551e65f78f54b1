package keyservice_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/grantor"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// sampleKey is a symmetric key for grants whose ids matter only.
const sampleKey = "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="

// entry is what a grant says of com.myapp., with a key of an id.
func entry(id string) string {
	return fmt.Sprintf(`{"prefix": "com.myapp.", "versions": [{"dialect": "passthru", "id": %q, "shared": %q}]}`, id, sampleKey)
}

var app = keyring.Prefix("com.myapp.")

// world is an authority, a server and a member.
type world struct {
	t      testing.TB
	a      *grantor.Authority
	s      *grantor.Server
	c      *grantor.Client
	me     *keyservice.Identity
	enrol  keyservice.Enrolment
	latest grantor.Grant
}

func newWorld(t testing.TB) *world {
	me, err := keyservice.GenerateIdentity("shop", false)
	require.NoError(t, err)
	return newWorldOf(t, me)
}

func newWorldOf(t testing.TB, me *keyservice.Identity) *world {
	w := &world{t: t, me: me, enrol: enrolment(t, me)}
	w.begins(0)
	return w
}

// begins makes the authority and the server anew, with clocks that are ahead of ours.
func (w *world) begins(ahead time.Duration) {
	w.a = grantor.NewAuthority()
	w.a.Ahead = ahead
	w.s = grantor.NewServer(w.t, w.a)
	w.s.Ahead(ahead)
	w.c = grantor.NewClient(w.s)
}

// issue serves a grant of com.myapp. with a key of an id.
func (w *world) issue(id string, edits ...func(*grantor.Draft)) grantor.Grant {
	w.t.Helper()
	w.latest = w.a.Issue(w.t, w.enrol, entry(id), edits...)
	w.s.Put(w.latest)
	return w.latest
}

func (w *world) config() keyservice.Config {
	return keyservice.Config{Identity: w.me, Authorities: []cryptobox.VerifyKey{w.a.Key.Public()}}
}

// watched is a Watcher with what it told.
type watched struct {
	*keyservice.Watcher
	ring *keyring.Ring

	mu      sync.Mutex
	changes []keyring.Changes
	errs    []error
}

// watch begins to watch. The configuration is the world's, with what edits change.
func (w *world) watch(edits ...func(*keyservice.Config)) *watched {
	w.t.Helper()
	got, err := w.tryWatch(keyring.New(), edits...)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, got.Close()) })
	return got
}

func (w *world) tryWatch(ring *keyring.Ring, edits ...func(*keyservice.Config)) (*watched, error) {
	got := &watched{ring: ring}
	cfg := w.config()
	cfg.OnChange = func(c keyring.Changes) { got.mu.Lock(); got.changes = append(got.changes, c); got.mu.Unlock() }
	cfg.OnError = func(err error) { got.mu.Lock(); got.errs = append(got.errs, err); got.mu.Unlock() }
	for _, edit := range edits {
		edit(&cfg)
	}
	var err error
	got.Watcher, err = keyservice.Watch(w.t.Context(), w.c, ring, cfg)
	return got, err
}

// cached has a cache in a file.
func cached(path string) func(*keyservice.Config) {
	return func(c *keyservice.Config) { c.Cache = path }
}

// idOf gives the id of the key that seals now.
func idOf(ring *keyring.Ring) string {
	e, err := ring.Lookup("com.myapp.x")
	if err != nil {
		return ""
	}
	v, err := e.Sealer(keyring.RoleOriginator)
	if err != nil {
		return ""
	}
	return v.ID()
}

func (w *watched) id() string { return idOf(w.ring) }

// opens tells whether something is opened with a key of an id.
func (w *watched) opens(t testing.TB, id string) error {
	e, err := w.ring.Lookup("com.myapp.x")
	require.NoError(t, err)
	_, err = e.Named(keyring.RoleResponder, id)
	return err
}

// told gives the errors so far, and forgets them.
func (w *watched) told() []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	errs := slices.Clone(w.errs)
	w.errs = nil
	return errs
}

func (w *watched) changed() []keyring.Changes {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.changes)
}

// only requires one error to be told, which wraps all of these and is of the package's type.
func (w *watched) only(t testing.TB, is ...error) {
	t.Helper()
	errs := w.told()
	require.Len(t, errs, 1, "%v", errs)
	isA(t, errs[0], is...)
}

func isA(t testing.TB, err error, is ...error) {
	t.Helper()
	for _, one := range is {
		require.ErrorIs(t, err, one)
	}
	var typed *keyservice.Error
	require.ErrorAs(t, err, &typed)
}

// bubble runs a test in which a week passes in no time.
func bubble(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newWorld(t)) })
}

// passes has time pass, and all be done that comes with it.
func passes(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func join(t testing.TB, name string) string { t.Helper(); return filepath.Join(t.TempDir(), name) }
