package main

import (
	"bytes"
	"context"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func timeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// table is what has to be printed, in this order. A \d+ is looked at by TestTable too.
const table = `
north    | publishes readings                           | yes | yes | (\d+) of (\d+) at the archive, (\d+) of (\d+) at the display
north    | raises an alarm                              | yes | yes | the display took it, signed by north
north    | subscribes to what it publishes              | no  | no  | its own session: key can't play this role
north    | opens an event of south's                    | no  | no  | opens neither with its own key nor with a reading key that it makes
north    | calls                                        | no  | no  | its own session: key can't play this role
north    | calls, and would take the answer             | no  | no  | the valves: not signed by a listed sender
south    | publishes readings                           | yes | yes | (\d+) of (\d+) at the archive, (\d+) of (\d+) at the display
east     | publishes readings while it is listed        | yes | yes | (\d+) of (\d+) at the archive, (\d+) of (\d+) at the display
east     | publishes after it was removed               | no  | no  | (\d+) refused at the archive, (\d+) refused at the display: not signed by a listed sender
archive  | reads readings, and knows whose they are     | yes | yes | (\d+) of (\d+) by north and south
archive  | publishes                                    | no  | no  | its own session: key can't play this role
archive  | raises an alarm, signed by itself            | no  | no  | the display: not signed by a listed sender
archive  | raises an alarm, sealed by the box of old    | no  | no  | the display: can't be opened, as it isn't signed
archive  | opens an event of south's                    | yes | yes | "water", signed by south
archive  | answers in the valves' place, signed by itself | no | no | the office: not signed by a listed sender
display  | reads readings, and knows whose they are     | yes | yes | (\d+) of (\d+) by north and south
display  | answers in the valves' place, unsigned       | no  | no  | the office: not signed by a listed sender
office   | has a valve opened                           | yes | yes | (\d+) of (\d+) calls served and answered
guest    | asks for the state                           | yes | yes | (\d+) of (\d+) calls served and answered
guest    | has a valve opened                           | no  | no  | the handler: wamp.error.not_authorized, signed by valves
leaver   | calls, and is removed before the answer      | no  | no  | the valves: not signed by a listed sender
valves   | serves, answers, and knows who called        | yes | yes | (\d+) of (\d+) answers taken
valves   | answers a call of the office's               | yes | yes | the office took it, signed by valves
stranger | raises an alarm in plain                     | no  | no  | the display: payload is not sealed
`

// TestTable: each cell, and that what was counted adds up.
func TestTable(t *testing.T) {
	for name, mode := range map[string]struct {
		suite cryptobox.Suite
		once  bool
	}{
		"signed": {cryptobox.SuiteSigned, false}, "once": {cryptobox.SuiteSigned, true},
		"pq": {cryptobox.SuiteSignedPQ, false}, "pq once": {cryptobox.SuiteSignedPQ, true},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, run(timeout(t), &out, mode.suite, mode.once))
			rows := strings.Split(strings.Trim(table, "\n"), "\n")
			lines := strings.Split(out.String(), "\n")
			require.Equal(t, len(rows)+4, len(lines), out.String())
			require.Equal(t, "All 24 came out as they must, and no honest message was lost.", lines[len(lines)-2])
			require.Equal(t, []string{"WHO", "DOES", "MAY", "COULD", "HOW IT CAME OUT"}, cells(lines[0]))
			counts := map[string][]int{}
			for i, row := range rows {
				want, got := strings.Split(row, "|"), cells(lines[i+1])
				require.Len(t, got, len(want), lines[i+1])
				for cell := range want[:4] {
					require.Equal(t, strings.TrimSpace(want[cell]), got[cell], lines[i+1])
				}
				found := regexp.MustCompile("^" + strings.TrimSpace(want[4]) + "$").FindStringSubmatch(got[4])
				require.NotEmpty(t, found, lines[i+1])
				for _, figure := range found[1:] {
					n, err := strconv.Atoi(figure)
					require.NoError(t, err)
					counts[got[0]+" "+got[1]] = append(counts[got[0]+" "+got[1]], n)
				}
			}
			requireCounts(t, counts)
		})
	}
}

// cells takes a line of the table apart.
func cells(line string) []string { return regexp.MustCompile(` {2,}`).Split(line, -1) }

// requireCounts: everybody sent enough, all honest messages came, and each of east's was
// delivered or refused.
func requireCounts(t *testing.T, counts map[string][]int) {
	t.Helper()
	all := func(row string) int {
		for _, n := range counts[row] {
			require.Equal(t, counts[row][0], n, row)
		}
		require.Greater(t, counts[row][0], 2*enough, row)
		return counts[row][0]
	}
	published := all("north publishes readings") + all("south publishes readings")
	require.Equal(t, published, all("archive reads readings, and knows whose they are"))
	require.Equal(t, published, all("display reads readings, and knows whose they are"))
	called := all("office has a valve opened") + all("guest asks for the state")
	require.Equal(t, called, all("valves serves, answers, and knows who called"))
	listed, refused := counts["east publishes readings while it is listed"], counts["east publishes after it was removed"]
	for i := range subscribers {
		require.Greater(t, listed[2*i], enough-underWay)
		require.GreaterOrEqual(t, refused[i], enough-underWay)
		require.Equal(t, listed[2*i+1], listed[2*i]+refused[i])
	}
}

// TestTableCanFail: what mistakes in the lists allow is found, and so is a message that is
// refused and mustn't be.
func TestTableCanFail(t *testing.T) {
	p, err := newPlant(cryptobox.SuiteSigned, false)
	require.NoError(t, err)
	defer p.close()
	add := func(at string, role keyring.Role, name, key string) {
		t.Helper()
		require.NoError(t, p.parties[at].ring.AddParty(pattern, role, keyring.Party{Name: name, Key: p.sign[key].Public()}))
	}
	remove := func(at, name string) {
		t.Helper()
		require.NoError(t, p.parties[at].ring.RemoveParty(pattern, keyring.RoleOriginator, keyring.Party{Name: name}))
	}
	add(display, keyring.RoleOriginator, archive, archive)
	require.NoError(t, p.parties[display].ring.AllowUnsigned(pattern, time.Now().Add(time.Hour)))
	add(office, keyring.RoleResponder, archive, archive)
	add(valves, keyring.RoleOriginator, north, north)
	remove(archive, south)
	remove(display, north)
	add(display, keyring.RoleOriginator, south, north)

	err = p.play(timeout(t), &bytes.Buffer{})
	require.ErrorIs(t, err, errWrong)
	for _, wrong := range []string{
		"archive: raises an alarm, signed by itself: the display took it, signed by archive",
		"archive: raises an alarm, sealed by the box of old: the display took it, signed by nobody",
		"archive: answers in the valves' place, signed by itself: the office took it, signed by archive",
		"north: calls, and would take the answer: it was answered",
		"south: publishes readings: 0 of ",
		"north: raises an alarm: the display took it, signed by south",
		`display: reads readings, and knows whose they are: came out wrong: reading [north 1], signed by "south"`,
	} {
		require.ErrorContains(t, err, wrong)
	}
	for _, right := range []string{"stranger", "leaver", "guest", "display: answers", "north: opens"} {
		require.NotContains(t, err.Error(), right)
	}
}

// TestLostReadings: a reading that nobody delivers or refuses is missed.
func TestLostReadings(t *testing.T) {
	r := newReadings()
	require.NoError(t, r.expect(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorContains(t, r.settle(ctx), "a reading was lost")
}

// TestFailedTrafficEndsIt: and at once, not when patience ends.
func TestFailedTrafficEndsIt(t *testing.T) {
	p, err := newPlant(cryptobox.SuiteSigned, false)
	require.NoError(t, err)
	defer p.close()
	require.NoError(t, p.parties[valves].ring.RemoveParty(pattern, keyring.RoleOriginator, keyring.Party{Name: guest}))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	require.ErrorContains(t, p.play(ctx, &bytes.Buffer{}), "guest: ")
	require.NoError(t, ctx.Err())
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, run(ctx, &bytes.Buffer{}, cryptobox.SuiteSigned, false))
}

func TestSuitesThatArentSigned(t *testing.T) {
	require.ErrorContains(t, run(timeout(t), &bytes.Buffer{}, cryptobox.SuiteBox, false), "box")
}
