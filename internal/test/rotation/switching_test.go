package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// each is how many messages the handlers have to get at each step.
const each = 5_000

// TestSwitchingOver: a plain system of four processes that all publish, subscribe, call
// and serve is switched over to sealed, one process after the other, and then gets
// another key. Nothing is lost and nothing refused.
func TestSwitchingOver(t *testing.T) {
	r := &rotation{t: t, began: time.Now()}
	router := testrouter.Start(t, "realm1")
	plain := keyfile.New()
	require.NoError(t, plain.SetPlain(pattern))
	for _, name := range peers {
		file := filepath.Join(t.TempDir(), "keyring.json")
		put(t, plain, file)
		r.processes = append(r.processes, process{proc.Start(t, "internal/test/rotation", "both", name, file, router.RawSocketURL()), "both", file})
	}
	for _, p := range r.processes {
		p.AwaitLine("ready", 1)
	}
	r.goOn("all is plain")

	// One change of the files, and then another one, at each process in turn.
	until := time.Now().Add(time.Hour)
	first, id := both(keyring.Dates{})
	sealed := keyfile.New()
	require.NoError(t, sealed.Add(pattern, first))
	for _, plaintext := range []keyring.Plaintext{keyring.SendPlain, keyring.AcceptPlain} {
		require.NoError(t, sealed.Transition(pattern, plaintext, until))
		r.rollOut(sealed, "plaintext "+plaintext.String())
	}
	require.NoError(t, sealed.EndTransition(pattern))
	r.rollOut(sealed, "plaintext none")

	from := time.Now().Add(activate)
	second, next := both(keyring.Dates{ActiveFrom: from})
	require.NoError(t, errors.Join(sealed.Add(pattern, second), sealed.SetDates(pattern, id, keyring.Dates{NotAfter: from.Add(retireAfter)})))
	for _, p := range r.processes {
		put(t, sealed, p.keyring)
		p.AwaitLine("key "+next+" pending", 1)
	}
	r.await(next, "active")
	r.await(id, "expired")
	r.goOn("the next key seals")

	r.end()
	all := r.total()
	require.Zero(t, all.Refused)
	require.Len(t, all.ByKey, 2)
	require.NotZero(t, all.ByKey[id])
	require.NotZero(t, all.ByKey[next])
	require.GreaterOrEqual(t, all.Plain, uint64(each))
}

// both is a version of a key for who has both roles, and its id.
func both(dates keyring.Dates) (v *keyfile.Version, id string) {
	o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	return &keyfile.Version{
		Dates:      dates,
		Originator: &keyfile.Side{Private: keyfile.PrivateKey(o)},
		Responder:  &keyfile.Side{Private: keyfile.PrivateKey(r)},
	}, cryptobox.PairID(cryptobox.SuiteBox, o.Public(), r.Public()).String()
}

// put writes a file in one step.
func put(t *testing.T, f *keyfile.File, path string) {
	t.Helper()
	text, err := f.Marshal()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path+".new", text, 0o600))
	require.NoError(t, os.Rename(path+".new", path))
}

// rollOut gives the file to one process after the other, each of which has to say so, and
// go on for a while before the next one gets it.
func (r *rotation) rollOut(f *keyfile.File, says string) {
	r.t.Helper()
	for _, p := range r.processes {
		put(r.t, f, p.keyring)
		p.AwaitLine(says, 1)
		r.goOn(says)
	}
}

// goOn waits until the handlers have got so many more messages.
func (r *rotation) goOn(says string) {
	r.t.Helper()
	handled := func() uint64 { all := r.total(); return all.Plain + all.Opened }
	enough := handled() + each/4
	for deadline := time.Now().Add(time.Minute); handled() < enough; time.Sleep(50 * time.Millisecond) {
		require.True(r.t, time.Now().Before(deadline), "too slow: %+v", r.total())
	}
	r.say("%s: %d in plain", says, r.total().Plain)
}

// end has all stop to send, and then all leave: each waits for its last answers and
// events.
func (r *rotation) end() {
	r.t.Helper()
	for _, p := range r.processes {
		p.Signal(syscall.SIGTERM)
	}
	for _, p := range r.processes {
		p.AwaitLine("done", 1)
	}
	for _, p := range r.processes {
		p.Signal(os.Interrupt)
	}
	for _, p := range r.processes {
		require.Zero(r.t, p.Wait(), p.Stderr())
	}
}
