package keyring_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// party is one end: its ring, and its private keys by generation.
type party struct {
	ring *keyring.Ring
	own  []cryptobox.PrivateKey
	as   func(k keyring.Key, generation int) keyring.Key // for a dialect
}

const rotations = 6

// parties gives two ends that have all generations' private keys, and no
// version yet.
func parties(d cryptobox.Dialect) (originator, responder *party) {
	as := func(k keyring.Key, generation int) keyring.Key {
		switch d {
		case cryptobox.Autobahn:
			return k.ForAutobahn()
		case cryptobox.Passthru:
			return k.ForPassthru(fmt.Sprint("generation ", generation))
		}
		return k
	}
	originator, responder = &party{ring: keyring.New(), as: as}, &party{ring: keyring.New(), as: as}
	for range rotations + 1 {
		originator.own = append(originator.own, cryptobox.GenerateKey())
		responder.own = append(responder.own, cryptobox.GenerateKey())
	}
	return originator, responder
}

// keysOf gives both halves of a generation.
func keysOf(o, r *party, generation int) (originator, responder keyring.Key) {
	return o.as(keyring.Originator(o.own[generation], r.own[generation].Public()), generation),
		r.as(keyring.Responder(r.own[generation], o.own[generation].Public()), generation)
}

// sealed is a payload, and what a message says of it.
type sealed struct {
	dialect cryptobox.Dialect
	id      string
	payload []byte
}

// round sends a request and its answer. The version is found by its id, or where none is
// named, as in no payload of ours, by trying those that may open.
func round(from, to *party, text string, named bool) error {
	for _, leg := range []struct {
		from, to *party
		role     keyring.Role
	}{{from, to, keyring.RoleOriginator}, {to, from, keyring.RoleResponder}} {
		s, err := sealAs(leg.from.ring, leg.role, text)
		if err != nil {
			return err
		}
		if s.dialect == cryptobox.Autobahn || s.dialect == cryptobox.Passthru && !named {
			s.id = ""
		}
		got, err := openAs(leg.to.ring, 3-leg.role, s)
		if err != nil {
			return err
		}
		if got != text {
			return fmt.Errorf("%q came as %q", text, got)
		}
	}
	return nil
}

func sealAs(ring *keyring.Ring, role keyring.Role, text string) (*sealed, error) {
	e, err := ring.Lookup("com.app.x")
	if err != nil {
		return nil, err
	}
	v, err := e.Sealer(role)
	if err != nil {
		return nil, err
	}
	payload, err := sealBy(v, kindFrom(role), text)
	if err != nil {
		return nil, err
	}
	return &sealed{v.Dialect(), v.ID(), payload}, nil
}

func openAs(ring *keyring.Ring, role keyring.Role, s *sealed) (string, error) {
	e, err := ring.Lookup("com.app.x")
	if err != nil {
		return "", err
	}
	vs, err := byName(s.dialect, e, role, s.id)
	if err != nil {
		return "", err
	}
	err = cryptobox.ErrOpen
	for _, v := range vs {
		var text string
		if text, err = openBy(v, kindFrom(3-role), s.payload); err == nil {
			return text, nil
		}
	}
	return "", err
}

// While four senders call all the time, every rotation is handed out once to each end,
// goes through its dates by each end's clock, and nothing is refused or lost.
func TestRotationLosesNothing(t *testing.T) {
	for _, d := range []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Autobahn, cryptobox.Passthru} {
		t.Run(d.String(), func(t *testing.T) { rotationLosesNothing(t, d) })
	}
}

func rotationLosesNothing(t *testing.T, d cryptobox.Dialect) {
	synctest.Test(t, func(t *testing.T) {
		o, r := parties(d)
		first, second := keysOf(o, r, 0)
		require.NoError(t, o.ring.Set(prefix("com.app."), first))
		require.NoError(t, r.ring.Set(prefix("com.app."), second))

		var done atomic.Bool
		var sent [4]atomic.Int64
		var wg sync.WaitGroup
		for g := range sent {
			wg.Go(func() {
				for !done.Load() {
					n := sent[g].Add(1)
					if err := round(o, r, fmt.Sprint(g, " ", n), n%3 != 0); err != nil {
						t.Errorf("sender %d, message %d: %v", g, n, err)
						return
					}
					time.Sleep(time.Minute)
				}
			})
		}
		for generation := 1; generation <= rotations; generation++ {
			rotate(t, o, r, generation)
		}
		done.Store(true)
		wg.Wait()
		total := int64(0)
		for g := range sent {
			total += sent[g].Load()
		}
		t.Logf("%d calls and their results in %d rotations", total, rotations)
		require.Greater(t, total, int64(400*rotations))
		require.Len(t, o.ring.Versions(prefix("com.app.")), 1)
		_, last := keysOf(o, r, rotations)
		require.Equal(t, last.ID(), r.ring.Versions(prefix("com.app."))[0].ID)
	})
}

// rotate hands a change to one end and later to the other, and cleans up when all is past.
// One end's clock is an hour late.
func rotate(t *testing.T, o, r *party, generation int) {
	t.Helper()
	originator, responder := keysOf(o, r, generation)
	old, _ := keysOf(o, r, generation-1)
	require.Equal(t, originator.ID(), responder.ID())
	active := time.Now().Add(24 * time.Hour)
	ends := []struct {
		ring *keyring.Ring
		key  keyring.Key
		late time.Duration
	}{{o.ring, originator, 0}, {r.ring, responder, time.Hour}}
	if generation%2 == 0 {
		ends[0], ends[1] = ends[1], ends[0]
	}
	p := prefix("com.app.")
	for _, end := range ends {
		from := keyring.Dates{}
		for _, v := range end.ring.Versions(p) {
			from.ActiveFrom = v.Dates.ActiveFrom
		}
		require.NoError(t, end.ring.Add(p, end.key, keyring.Dates{ActiveFrom: active.Add(end.late)}))
		require.NoError(t, end.ring.SetDates(p, old.ID(), keyring.Dates{ActiveFrom: from.ActiveFrom, NotAfter: active.Add(2 * time.Hour)}))
		time.Sleep(5 * time.Hour)
	}
	time.Sleep(48 * time.Hour)
	for _, end := range ends {
		require.NoError(t, end.ring.RemoveVersion(p, old.ID()))
		time.Sleep(time.Hour)
	}
}

// The order matters: a version that seals before all have it loses messages, which is what
// the test above would see.
func TestActivatingTooEarlyIsSeen(t *testing.T) {
	o, r := parties(cryptobox.Passthru)
	first, second := keysOf(o, r, 0)
	require.NoError(t, o.ring.Set(prefix("com.app."), first))
	require.NoError(t, r.ring.Set(prefix("com.app."), second))
	require.NoError(t, round(o, r, "text", true))
	next, _ := keysOf(o, r, 1)
	require.NoError(t, o.ring.Add(prefix("com.app."), next, from(past)))
	require.ErrorIs(t, round(o, r, "text", true), keyring.ErrUnknownID)
	require.ErrorIs(t, round(o, r, "text", false), cryptobox.ErrOpen)
}

// Changes by several at once are each done wholly or not at all.
func TestConcurrentChanges(t *testing.T) {
	x := exact("com.x")
	r := ringOf(t, x)
	var wg sync.WaitGroup
	var added, sealing atomic.Int64
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				id := fmt.Sprint(i % 20)
				switch err := r.Add(x, named(id), from(past.AddDate(0, 0, i%20))); {
				case err == nil:
					added.Add(1)
				case !errors.Is(err, keyring.ErrVersionExists):
					t.Error(err)
				}
				if e, err := r.Lookup("com.x"); err != nil {
					t.Error(err)
				} else if _, err := e.Sealer(keyring.RoleOriginator); err != nil {
					t.Error(err)
				} else {
					sealing.Add(1)
				}
				if i%20 == 19 {
					_ = r.RemoveVersion(x, fmt.Sprint((i+g)%20))
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, int64(800), sealing.Load())
	active := 0
	for _, v := range r.Versions(x) {
		if v.State == keyring.StateActive {
			active++
		}
	}
	require.Equal(t, 1, active)
}

// Of those who key a new pattern at once, none takes another's version away.
func TestConcurrentAddsOfANewPattern(t *testing.T) {
	const adders = 8
	for n := range 300 {
		r, p := keyring.New(), exact(fmt.Sprint("com.x", n))
		var wg sync.WaitGroup
		start := make(chan struct{})
		for g := range adders {
			key := named(fmt.Sprint(g))
			wg.Go(func() {
				<-start
				if err := r.Add(p, key, from(past.AddDate(0, 0, g))); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		wg.Wait()
		require.Len(t, r.Versions(p), adders)
	}
}
