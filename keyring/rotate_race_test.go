package keyring_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// party is one end: its ring, and its private keys by generation.
type party struct {
	ring *keyring.Ring
	own  []cryptobox.PrivateKey
}

const rotations = 6

// parties gives two ends that have all generations' private keys, and no
// version yet.
func parties() (originator, responder *party) {
	originator, responder = &party{ring: keyring.New()}, &party{ring: keyring.New()}
	for range rotations + 1 {
		originator.own = append(originator.own, cryptobox.GenerateKey())
		responder.own = append(responder.own, cryptobox.GenerateKey())
	}
	return originator, responder
}

// keysOf gives both halves of a generation.
func keysOf(o, r *party, generation int) (originator, responder keyring.Key) {
	return keyring.Originator(o.own[generation], r.own[generation].Public()), keyring.Responder(r.own[generation], o.own[generation].Public())
}

// round sends a request and its answer. The version is found by its id, or
// where none is named by trying those that may open.
func round(from, to *party, text string, named bool) error {
	for _, leg := range []struct {
		from, to *party
		role     keyring.Role
	}{{from, to, keyring.RoleOriginator}, {to, from, keyring.RoleResponder}} {
		env, err := sealAs(leg.from.ring, leg.role, text)
		if err != nil {
			return err
		}
		if !named {
			env.KeyID = ""
		}
		got, err := openAs(leg.to.ring, 3-leg.role, env)
		if err != nil {
			return err
		}
		if got != text {
			return fmt.Errorf("%q came as %q", text, got)
		}
	}
	return nil
}

func sealAs(ring *keyring.Ring, role keyring.Role, text string) (*cryptobox.Envelope, error) {
	e, ok := ring.Lookup("com.app.x")
	if !ok {
		return nil, errors.New("not keyed: it would go in plain")
	}
	v, err := e.Sealer(role)
	if err != nil {
		return nil, err
	}
	env, _, err := cryptobox.Seal(v.Cipher(), cryptobox.CBOR, v.ID(), cryptobox.NewRecord("", []any{text}, nil, nil))
	return env, err
}

func openAs(ring *keyring.Ring, role keyring.Role, env *cryptobox.Envelope) (string, error) {
	e, ok := ring.Lookup("com.app.x")
	if !ok {
		return "", errors.New("not keyed")
	}
	vs, err := e.Openers(role, env.KeyID)
	if err != nil {
		return "", err
	}
	err = cryptobox.ErrOpen
	for _, v := range vs {
		var record *cryptobox.Record
		if record, _, err = cryptobox.Open(v.Cipher(), env); err == nil {
			text, _ := record.Args()[0].(string)
			return text, nil
		}
	}
	return "", err
}

// While four senders call all the time, every rotation goes through all its
// steps, by way of doc.go's list, and nothing is refused or lost.
func TestRotationLosesNothing(t *testing.T) {
	o, r := parties()
	first, second := keysOf(o, r, 0)
	require.NoError(t, o.ring.Set("com.app.", keyring.Prefix, first))
	require.NoError(t, r.ring.Set("com.app.", keyring.Prefix, second))

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
			}
		})
	}
	for generation := 1; generation <= rotations; generation++ {
		rotate(t, o, r, generation, func() {
			var before [4]int64
			for g := range sent {
				before[g] = sent[g].Load()
			}
			for g := range sent { // all senders went through this step
				for sent[g].Load() < before[g]+2 && !t.Failed() {
					time.Sleep(50 * time.Microsecond)
				}
			}
		})
	}
	done.Store(true)
	wg.Wait()
	total := int64(0)
	for g := range sent {
		total += sent[g].Load()
	}
	t.Logf("%d calls and their results in %d rotations", total, rotations)
	require.Greater(t, total, int64(4*rotations))
	require.Len(t, o.ring.Versions("com.app.", keyring.Prefix), 1)
	_, last := keysOf(o, r, rotations)
	require.Equal(t, last.ID(), r.ring.Versions("com.app.", keyring.Prefix)[0].ID)
}

// rotate takes both ends through the steps, first one end, then the other.
func rotate(t *testing.T, o, r *party, generation int, pause func()) {
	t.Helper()
	originator, responder := keysOf(o, r, generation)
	old, _ := keysOf(o, r, generation-1)
	oldID, newID := old.ID(), originator.ID()
	require.Equal(t, newID, responder.ID())
	ends := []struct {
		ring *keyring.Ring
		key  keyring.Key
	}{{o.ring, originator}, {r.ring, responder}}
	if generation%2 == 0 {
		ends[0], ends[1] = ends[1], ends[0]
	}
	until := time.Now().Add(time.Hour)
	for _, step := range []func(*keyring.Ring, keyring.Key) error{
		func(ring *keyring.Ring, key keyring.Key) error { return ring.Add("com.app.", keyring.Prefix, key) },
		func(ring *keyring.Ring, _ keyring.Key) error { return ring.Activate("com.app.", keyring.Prefix, newID) },
		func(ring *keyring.Ring, _ keyring.Key) error {
			return ring.Retire("com.app.", keyring.Prefix, oldID, until)
		},
		func(ring *keyring.Ring, _ keyring.Key) error {
			return ring.RemoveVersion("com.app.", keyring.Prefix, oldID)
		},
	} {
		for _, end := range ends {
			require.NoError(t, step(end.ring, end.key))
			pause()
		}
	}
}

// The order matters: activating before all have the version loses messages,
// which is what the test above would see.
func TestActivatingTooEarlyIsSeen(t *testing.T) {
	o, r := parties()
	first, second := keysOf(o, r, 0)
	require.NoError(t, o.ring.Set("com.app.", keyring.Prefix, first))
	require.NoError(t, r.ring.Set("com.app.", keyring.Prefix, second))
	require.NoError(t, round(o, r, "text", true))
	next, _ := keysOf(o, r, 1)
	require.NoError(t, o.ring.Add("com.app.", keyring.Prefix, next))
	require.NoError(t, o.ring.Activate("com.app.", keyring.Prefix, next.ID()))
	require.ErrorIs(t, round(o, r, "text", true), keyring.ErrUnknownID)
	require.ErrorIs(t, round(o, r, "text", false), cryptobox.ErrOpen)
}

// Changes by several at once are each done wholly or not at all.
func TestConcurrentChanges(t *testing.T) {
	r := ringOf(t, exact("com.x"))
	var wg sync.WaitGroup
	var added, activated atomic.Int64
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				id := fmt.Sprint(i % 20)
				switch err := r.Add("com.x", keyring.Exact, named(id)); {
				case err == nil:
					added.Add(1)
				case !errors.Is(err, keyring.ErrVersionExists):
					t.Error(err)
				}
				if r.Activate("com.x", keyring.Exact, id) == nil {
					activated.Add(1)
				}
				if e, ok := r.Lookup("com.x"); !ok {
					t.Error("not keyed")
				} else if _, err := e.Sealer(keyring.RoleOriginator); err != nil {
					t.Error(err)
				}
				if i%20 == 19 {
					_ = r.RemoveVersion("com.x", keyring.Exact, fmt.Sprint((i+g)%20))
				}
			}
		})
	}
	wg.Wait()
	require.Positive(t, activated.Load())
	active := 0
	for _, v := range r.Versions("com.x", keyring.Exact) {
		if v.State == keyring.StateActive {
			active++
		}
	}
	require.Equal(t, 1, active)
}
