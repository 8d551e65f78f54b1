package keyring_test

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// revokedRun plays changes of one pattern by the program and two sources on a ring, and on
// a model: who has the pattern, which versions it has, and who first said of which id that
// it is revoked. It holds all versions that it ever saw.
type revokedRun struct {
	ring     *keyring.Ring
	owner    string // "" is the program
	standing string // "keyed", "plain", "closed", or "" for none
	revoked  map[string]bool
	said     map[string]string
	held     []*keyring.Version
	seen     map[error]int
}

var revokedPattern = wild("com..x")

func (run *revokedRun) on() bool { return run.standing == "keyed" || run.standing == "plain" }

// update has a source give the pattern with the versions of these bits: the low ones are
// good, the high ones revoked. Without any it doesn't give the pattern.
func (run *revokedRun) update(source string, bits byte) (got, want error) {
	next, listed := keyring.New(), map[string]bool{}
	var list []keyring.KeyVersion
	for i, id := range versionIDs {
		kv := dated(id, past.AddDate(i, 0, 0))
		good, bad := bits>>i&1 == 1, bits>>(4+i)&1 == 1
		if kv.Revoked = bad; bad && good {
			kv.Key = keyring.Revoked(id)
		}
		if good || bad {
			list, listed[id] = append(list, kv), bad
		}
	}
	if len(list) > 0 {
		if err := next.SetVersions(revokedPattern, list...); err != nil {
			return err, nil
		}
	}
	_, got = run.ring.Update(source, next, revokedPattern) // its keys are of passthru
	switch {
	case len(list) == 0:
		if run.owner == source && run.standing == "keyed" {
			run.standing = "closed"
		}
		return got, nil
	case run.on() && run.owner != source, run.standing == "closed" && run.owner == "":
		return got, keyring.ErrSource
	}
	for id, bad := range listed {
		if by, said := run.said[id]; said && by == source && !bad {
			return got, keyring.ErrState
		}
	}
	if run.standing == "plain" {
		return got, nil
	}
	run.owner, run.standing, run.revoked = source, "keyed", listed
	for id, bad := range listed {
		if _, said := run.said[id]; said {
			run.revoked[id] = true
		} else if bad {
			run.said[id] = source
		}
	}
	return got, nil
}

// program has the program change the pattern.
func (run *revokedRun) program(op byte, id string) (got, want error) {
	_, said := run.said[id]
	switch op {
	case 0:
		if run.on() && run.owner != "" {
			return run.ring.Set(revokedPattern, named(id)), keyring.ErrSource
		}
		if said {
			return run.ring.Set(revokedPattern, named(id)), keyring.ErrState
		}
		run.owner, run.standing, run.revoked = "", "keyed", map[string]bool{id: false}
		return run.ring.Set(revokedPattern, named(id)), nil
	case 1:
		if run.on() && run.owner != "" {
			return run.ring.SetPlain(revokedPattern), keyring.ErrSource
		}
		run.owner, run.standing, run.revoked = "", "plain", nil
		return run.ring.SetPlain(revokedPattern), nil
	case 2:
		switch {
		case !run.on():
			return run.ring.Remove(revokedPattern), keyring.ErrNoVersion
		case run.owner != "":
			return run.ring.Remove(revokedPattern), keyring.ErrSource
		}
		run.standing = map[string]string{"keyed": "closed", "plain": ""}[run.standing]
		return run.ring.Remove(revokedPattern), nil
	}
	if _, has := run.revoked[id]; run.standing != "keyed" || !has {
		return run.ring.Revoke(revokedPattern, id), keyring.ErrNoVersion
	}
	if run.revoked[id] = true; !said {
		run.said[id] = ""
	}
	return run.ring.Revoke(revokedPattern, id), nil
}

// play carries out changes of two bytes each, and compares after each.
func (run *revokedRun) play(t *testing.T, ops []byte) {
	run.ring, run.owner, run.standing, run.revoked = keyring.New(), "", "", nil
	run.said, run.held = map[string]string{}, nil
	for ; len(ops) >= 2; ops = ops[2:] {
		var got, want error
		switch op := ops[0] % 8; op {
		case 0, 1:
			got, want = run.update("file", ops[1])
		case 2:
			got, want = run.update("grants", ops[1])
		default:
			got, want = run.program(min(op-3, 3), versionIDs[ops[1]%4])
		}
		if want == nil {
			require.NoError(t, got)
		} else {
			require.ErrorIs(t, got, want)
		}
		run.seen[want]++
		run.agree(t)
	}
}

func (run *revokedRun) agree(t *testing.T) {
	e, err := run.ring.Lookup("com.a.x")
	require.Equal(t, run.on(), err == nil)
	for _, id := range versionIDs {
		bad, has := run.revoked[id]
		if run.standing != "keyed" || !has {
			continue
		}
		vs, err := e.ForeignOpeners(keyring.RoleResponder, cryptobox.Passthru, id)
		if bad {
			require.ErrorIs(t, err, keyring.ErrRevoked)
			continue
		}
		require.NoError(t, err)
		run.held = append(run.held, vs...)
	}
	for _, v := range run.held {
		_, said := run.said[v.ID()]
		require.Equal(t, said, v.Revoked(), "%v, which an exchange still has", v)
	}
}

// What was revoked, by whomever, stays revoked, in whatever is given later and in whatever
// was looked up before.
func TestRevocationsAgreeWithModel(t *testing.T) {
	rnd := rand.New(rand.NewSource(modelSeed))
	run := revokedRun{seen: map[error]int{}}
	for range 400 {
		ops := make([]byte, 2*40)
		_, _ = rnd.Read(ops)
		run.play(t, ops)
	}
	for _, err := range []error{nil, keyring.ErrSource, keyring.ErrState, keyring.ErrNoVersion} {
		require.Greater(t, run.seen[err], 500, err)
	}
}

func FuzzRevocations(f *testing.F) {
	f.Add([]byte{0, 3, 0, 2, 0, 0x12, 0, 1})             // dropped by one Update and revoked by a later one
	f.Add([]byte{0, 3, 6, 0, 0, 3, 0, 0, 2, 1, 6, 0})    // revoked by the program
	f.Add([]byte{3, 0, 6, 0, 4, 0, 5, 0, 0, 1, 0, 0x21}) // taken off without a trace
	f.Fuzz(func(t *testing.T, ops []byte) {
		run := revokedRun{seen: map[error]int{}}
		run.play(t, ops[:min(len(ops), 200)])
	})
}
