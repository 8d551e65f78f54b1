package authority_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// The tests of several processes run this binary again, as an operator's command:
// WAMPBOX_TEST_COMMAND says which.
const (
	commandVar = "WAMPBOX_TEST_COMMAND"
	folderVar  = "WAMPBOX_TEST_FOLDER"
	lineVar    = "WAMPBOX_TEST_LINE"
	stepVar    = "WAMPBOX_TEST_STEP" // at which it is killed, 0 for none
)

// told is what a command works with.
type told struct {
	folder string // with the authority's, and that of the grants
	line   string // of an enrolment
	o      authority.Options
}

var orders = keyring.Prefix("com.orders.")

// commands are what it may do. Each has its own folders.
var commands = map[string]func(told) error{
	"init": func(c told) error {
		a, err := authority.Init(c.authority(), c.o)
		if err == nil {
			a.Close()
		}
		return err
	},
	"enrol": func(c told) error {
		return c.with(func(a *authority.Authority, _ *grants.Folder) error {
			e, err := keyservice.ParseEnrolment(c.line)
			if err != nil {
				return err
			}
			return a.Enrol(e)
		})
	},
	"grant": func(c told) error {
		return c.with(func(a *authority.Authority, _ *grants.Folder) error {
			return a.Grant(authority.GrantOptions{},
				authority.Granting{Member: "shop", Pattern: orders, As: authority.Originator}, authority.Granting{Member: "desk", Pattern: orders, As: authority.Responder})
		})
	},
	"withdraw": func(c told) error {
		return c.with(func(a *authority.Authority, _ *grants.Folder) error { return withdraw(a, "desk", app) })
	},
	"revoke": func(c told) error {
		return c.with(func(a *authority.Authority, _ *grants.Folder) error { _, err := a.Revoke("desk"); return err })
	},
	"rotate": func(c told) error {
		return c.with(func(a *authority.Authority, _ *grants.Folder) error {
			at := time.Now()
			_, err := a.Rotate(app, authority.Rotation{Activate: at.Add(time.Hour), Retire: at.Add(2 * time.Hour)})
			return err
		})
	},
	"scramble": func(c told) error {
		return c.with(func(a *authority.Authority, _ *grants.Folder) error {
			_, err := a.Scramble("com.orders.", authority.Scrambling{})
			return err
		})
	},
	"rotate a secret": func(c told) error {
		return c.with(func(a *authority.Authority, _ *grants.Folder) error {
			_, err := a.RotateScramble(app.URI, in(time.Hour, time.Hour))
			return err
		})
	},
	"unscramble": func(c told) error {
		return c.with(func(a *authority.Authority, _ *grants.Folder) error { _, err := a.Unscramble(app.URI); return err })
	},
	"rekey": func(c told) error {
		return c.with(func(a *authority.Authority, _ *grants.Folder) error { _, _, err := a.Rekey(); return err })
	},
	"issue": issueOnce,
	"enrol many": func(c told) error {
		for i := range manyTimes {
			p, err := keyservice.GenerateIdentity(fmt.Sprintf("%s-%d", c.line, i), false)
			if err != nil {
				return err
			}
			e, err := p.Enrolment()
			if err == nil {
				err = c.with(func(a *authority.Authority, _ *grants.Folder) error { return a.Enrol(e) })
			}
			if err != nil {
				return err
			}
		}
		return nil
	},
	"issue many": func(c told) error {
		for range manyTimes {
			if err := issueOnce(c); err != nil {
				return err
			}
		}
		return nil
	},
}

const manyTimes = 15

func issueOnce(c told) error {
	return c.with(func(a *authority.Authority, f *grants.Folder) error {
		_, err := a.Issue(f, authority.IssueOptions{})
		return err
	})
}

func (c told) authority() string { return filepath.Join(c.folder, "authority") }

// with opens the folders.
func (c told) with(do func(*authority.Authority, *grants.Folder) error) error {
	if c.o.LockWait == 0 {
		c.o.LockWait = time.Minute // on a machine that has much else to do
	}
	a, err := authority.Open(c.authority(), c.o)
	if err != nil {
		return err
	}
	defer a.Close()
	f, err := grants.Create(filepath.Join(c.folder, "grants"))
	if err != nil {
		return err
	}
	return do(a, f)
}

func TestMain(m *testing.M) {
	name := os.Getenv(commandVar)
	if name == "" {
		os.Exit(m.Run())
	}
	step, _ := strconv.Atoi(os.Getenv(stepVar))
	c := told{folder: os.Getenv(folderVar), line: os.Getenv(lineVar)}
	c.o = c.o.WithStep(func(string) {
		if step--; step == 0 {
			p, _ := os.FindProcess(os.Getpid())
			_ = p.Kill()
			select {}
		}
	})
	run, found := commands[name]
	if !found {
		run = func(told) error { return fmt.Errorf("no command %q", name) }
	}
	if err := run(c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// command makes a command of this binary.
func command(name, folder, line string, step int) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), commandVar+"="+name, folderVar+"="+folder, lineVar+"="+line, stepVar+"="+strconv.Itoa(step))
	return cmd
}

// copied copies folders, for the owner only.
func copied(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.CopyFS(to, os.DirFS(from)))
	require.NoError(t, filepath.Walk(to, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			err = os.Chmod(path, 0o600)
		}
		return err
	}))
	return to
}

// cut is what is tried of one command: what may be said of it when it is run again, and how the
// folders are then.
type cut struct {
	again error                                                            // nil if it is to be done again
	whole func(desk person, a *authority.Authority, f *grants.Folder) bool // it takes something away: has it?
	check func(t *testing.T, a *authority.Authority, f *grants.Folder, shop, desk, next person)
}

// TestKilled: a command is killed at each of its steps, and run again. The folders are then as if
// it had been run once, or twice.
func TestKilled(t *testing.T) {
	folder := t.TempDir()
	a, err := authority.Init(filepath.Join(folder, "authority"), authority.Options{})
	require.NoError(t, err)
	f, err := grants.Create(filepath.Join(folder, "grants"))
	require.NoError(t, err)
	shop, desk, next := enrolled(t, a, "shop", false), enrolled(t, a, "desk", true), newPerson(t, "next", false)
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app)
	holds(t, a, authority.GrantOptions{}, authority.Responder, "desk", app)
	_, err = a.Scramble(app.URI, authority.Scrambling{})
	require.NoError(t, err)
	issued(t, a, f)
	before, key := shop.receive(t, f, a.Key()).ring.Versions(app)[0].ID, a.Key()
	secret := secretsIn(shop.receive(t, f, a.Key()).ring, app.URI)[0]
	a.Close()

	for name, test := range map[string]cut{
		"enrol": {authority.ErrEnrolled, nil, func(t *testing.T, a *authority.Authority, f *grants.Folder, _, _, next person) {
			require.Empty(t, next.receive(t, f, a.Key()).file.Entries)
		}},
		"grant": {nil, nil, func(t *testing.T, a *authority.Authority, f *grants.Folder, shop, desk, _ person) {
			one, other := shop.receive(t, f, a.Key()).ring.Versions(orders), desk.receive(t, f, a.Key()).ring.Versions(orders)
			require.Len(t, one, 1)
			require.Equal(t, one[0].ID, other[0].ID)
		}},
		"withdraw": {authority.ErrHolding, func(desk person, a *authority.Authority, f *grants.Folder) bool {
			return len(desk.receive(t, f, a.Key()).file.Entries) == 0
		}, func(t *testing.T, a *authority.Authority, f *grants.Folder, shop, desk, _ person) {
			require.Empty(t, desk.receive(t, f, a.Key()).file.Entries)
			require.Empty(t, desk.receive(t, f, a.Key()).file.Scrambles)
			requireAllReplaced(t, shop.receive(t, f, a.Key()).ring, before, secret)
		}},
		"revoke": {authority.ErrMember, func(_ person, _ *authority.Authority, f *grants.Folder) bool {
			_, err := f.Member("desk")
			return err != nil
		}, func(t *testing.T, a *authority.Authority, f *grants.Folder, shop, desk, _ person) {
			_, err := f.Member("desk")
			require.ErrorIs(t, err, os.ErrNotExist)
			requireAllReplaced(t, shop.receive(t, f, a.Key()).ring, before, secret)
			require.ErrorIs(t, a.Enrol(desk.Enrolment), authority.ErrEnrolled)
		}},
		"rotate": {keyring.ErrState, nil, func(t *testing.T, a *authority.Authority, f *grants.Folder, shop, desk, _ person) {
			one, other := shop.receive(t, f, a.Key()).ring.Versions(app), desk.receive(t, f, a.Key()).ring.Versions(app)
			require.GreaterOrEqual(t, len(one), 2)
			require.Equal(t, len(one), len(other))
			for i := range one {
				require.Equal(t, one[i].ID, other[i].ID)
				require.Equal(t, one[i].State, other[i].State)
			}
		}},
		"scramble": {authority.ErrScrambled, nil, func(t *testing.T, a *authority.Authority, f *grants.Folder, shop, _, _ person) {
			require.Empty(t, secretsIn(shop.receive(t, f, a.Key()).ring, "com.orders."), "it holds nothing there")
			holds(t, a, authority.GrantOptions{}, authority.Both, "shop", orders)
			issued(t, a, f)
			require.Len(t, secretsIn(shop.receive(t, f, a.Key()).ring, "com.orders."), 1)
		}},
		"rotate a secret": {authority.ErrLater, nil, func(t *testing.T, a *authority.Authority, f *grants.Folder, shop, desk, _ person) {
			one, other := secretsIn(shop.receive(t, f, a.Key()).ring, app.URI), secretsIn(desk.receive(t, f, a.Key()).ring, app.URI)
			require.GreaterOrEqual(t, len(one), 2)
			require.Contains(t, one, secret)
			require.Equal(t, one, other)
		}},
		"unscramble": {authority.ErrUnscrambled, nil, func(t *testing.T, a *authority.Authority, f *grants.Folder, shop, _, _ person) {
			require.Empty(t, secretsIn(shop.receive(t, f, a.Key()).ring, app.URI))
		}},
		"rekey": {nil, nil, func(t *testing.T, a *authority.Authority, f *grants.Folder, shop, _, _ person) {
			require.NotEqual(t, key, a.Key())
			shop.receive(t, f, a.Key())
		}},
		"issue": {nil, nil, func(t *testing.T, a *authority.Authority, f *grants.Folder, shop, desk, _ person) {
			require.Equal(t, shop.receive(t, f, a.Key()).Serial, desk.receive(t, f, a.Key()).Serial)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for step := 1; ; step++ {
				at := copied(t, folder)
				killed := command(name, at, next.String(), step).Run() != nil
				if !killed {
					require.Greater(t, step, 1)
					t.Logf("%d steps", step-1)
				}
				requireRecorded(t, at, shop, desk)
				if test.whole != nil {
					requireWhole(t, at, shop, desk, before, secret, test.whole)
				}
				leave(t, at)
				c := told{folder: at, line: next.String()}
				if err := commands[name](c); err != nil {
					require.ErrorIs(t, err, test.again, "step %d", step)
				}
				require.NoError(t, c.with(func(a *authority.Authority, f *grants.Folder) error {
					made := issued(t, a, f)
					require.Equal(t, made.Serial, shop.receive(t, f, a.Key()).Serial)
					test.check(t, a, f, shop, desk, next)
					return nil
				}))
				requireNothingLeft(t, at)
				if !killed {
					return
				}
			}
		})
	}
}

// requireWhole: where another command than the one that was killed comes next, all of that is done,
// or nothing.
func requireWhole(t *testing.T, at string, shop, desk person, before, secret string, taken func(person, *authority.Authority, *grants.Folder) bool) {
	t.Helper()
	require.NoError(t, told{folder: copied(t, at)}.with(func(a *authority.Authority, f *grants.Folder) error {
		issued(t, a, f)
		ring := shop.receive(t, f, a.Key()).ring
		if taken(desk, a, f) {
			requireAllReplaced(t, ring, before, secret)
			return nil
		}
		require.Len(t, ring.Versions(app), 1)
		require.Equal(t, before, ring.Versions(app)[0].ID)
		require.Equal(t, []string{secret}, secretsIn(ring, app.URI))
		require.Equal(t, []string{secret}, secretsIn(desk.receive(t, f, a.Key()).ring, app.URI))
		require.Equal(t, before, desk.receive(t, f, a.Key()).ring.Versions(app)[0].ID)
		return nil
	}))
}

// requireRecorded: of each grant in the folder the authority knows.
func requireRecorded(t *testing.T, at string, people ...person) {
	t.Helper()
	f, err := grants.Open(filepath.Join(at, "grants"))
	require.NoError(t, err)
	state, err := os.ReadFile(filepath.Join(at, "authority", "authority.json"))
	require.NoError(t, err)
	for _, p := range people {
		m, err := f.Member(p.name)
		require.NoError(t, err)
		hash := statement.HashOf(m.Ciphertext)
		if strings.Contains(string(state), p.Key.String()) && !strings.Contains(string(state), `"former"`) {
			require.Contains(t, string(state), base64.StdEncoding.EncodeToString(hash[:]))
		}
	}
}

// leave puts there what a process leaves that is killed while it writes.
func leave(t *testing.T, at string) {
	t.Helper()
	for _, name := range []string{"authority/.authority.json", "authority/.keyring.json", "grants/members/.shop.grant", "grants/.fresh.key"} {
		path, old := filepath.Join(at, name+".new-1234"), time.Now().Add(-time.Hour)
		require.NoError(t, os.WriteFile(path, []byte("half of"), 0o600))
		require.NoError(t, os.Chtimes(path, old, old))
	}
}

// requireNothingLeft looks for files that were to become others.
func requireNothingLeft(t *testing.T, at string) {
	t.Helper()
	require.NoError(t, filepath.Walk(at, func(path string, _ os.FileInfo, err error) error {
		assert.NotContains(t, filepath.Base(path), ".new-")
		return err
	}))
}

// requireAllReplaced: so it is with the version, and with the secret.
func requireAllReplaced(t *testing.T, ring *keyring.Ring, old, secret string) {
	t.Helper()
	requireReplaced(t, ring, old)
	t.Helper()
	secrets := secretsIn(ring, app.URI)
	require.Len(t, secrets, 1)
	require.NotEqual(t, secret, secrets[0])
}

// requireReplaced: a version is revoked or gone, and another one seals.
func requireReplaced(t *testing.T, ring *keyring.Ring, old string) {
	t.Helper()
	active := 0
	for _, v := range ring.Versions(app) {
		if v.ID == old {
			require.Equal(t, keyring.StateRevoked, v.State)
		} else if v.State == keyring.StateActive {
			active++
		}
	}
	require.Equal(t, 1, active)
}

// TestKilledInit: one that was killed is begun anew, and one that was done isn't written over.
func TestKilledInit(t *testing.T) {
	for step := 1; ; step++ {
		at := t.TempDir()
		killed := command("init", at, "", step).Run() != nil
		path := filepath.Join(at, "authority", "authority.json")
		before, err := os.ReadFile(path)
		done := err == nil
		err = commands["init"](told{folder: at})
		require.Equal(t, done, err != nil, "step %d: %v", step, err)
		if done {
			require.ErrorIs(t, err, os.ErrExist)
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, before, after)
		}
		require.NoError(t, commands["issue"](told{folder: at}))
		if !killed {
			require.Greater(t, step, 1)
			return
		}
	}
}

// TestTwoProcesses: what both change is there.
func TestTwoProcesses(t *testing.T) {
	at := t.TempDir()
	require.NoError(t, commands["init"](told{folder: at}))
	run(t, command("enrol many", at, "one", 0), command("enrol many", at, "two", 0))
	run(t, command("issue many", at, "", 0), command("issue many", at, "", 0), command("enrol many", at, "three", 0))
	require.NoError(t, told{folder: at}.with(func(a *authority.Authority, f *grants.Folder) error {
		shown, err := a.Show()
		require.NoError(t, err)
		require.Len(t, shown.Members, 3*manyTimes)
		made := issued(t, a, f)
		require.Greater(t, made.Serial, shown.Serial)
		names, err := f.Members()
		require.NoError(t, err)
		require.Len(t, names, 3*manyTimes)
		return nil
	}))
	requireNothingLeft(t, at)
}

// run runs commands at once.
func run(t *testing.T, all ...*exec.Cmd) {
	t.Helper()
	said := make([]strings.Builder, len(all))
	for i, cmd := range all {
		cmd.Stderr = &said[i]
		require.NoError(t, cmd.Start())
	}
	for i, cmd := range all {
		require.NoError(t, cmd.Wait(), said[i].String())
	}
}

// TestLocked: while one works in the folder, another one waits, and is told what to do.
func TestLocked(t *testing.T) {
	a, f := begun(t, authority.Options{})
	began := time.Now()
	_, err := authority.Open(dirOf(f), authority.Options{LockWait: 50 * time.Millisecond})
	require.ErrorIs(t, err, authority.ErrLocked)
	require.GreaterOrEqual(t, time.Since(began), 50*time.Millisecond)
	require.ErrorContains(t, err, "wait for it, or end it")
	a.Close()
	b, err := authority.Open(dirOf(f), authority.Options{LockWait: 50 * time.Millisecond})
	require.NoError(t, err)
	b.Close()
	require.NoFileExists(t, filepath.Join(dirOf(f), ".lock"))
}
