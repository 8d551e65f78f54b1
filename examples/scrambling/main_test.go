package main

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func timeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// uris is the first table that has to be printed, without what the router sees.
const uris = `
office | subscribes to a prefix   | shop.sold.
branch | subscribes to a wildcard | shop.sold..munich
till   | publishes                | shop.sold.milk.berlin
office | gets the event           | shop.sold.milk.berlin
till   | publishes                | shop.sold.tea.munich
office | gets the event           | shop.sold.tea.munich
branch | gets the event           | shop.sold.tea.munich
stock  | registers                | shop.count.tea
till   | calls                    | shop.count.tea
till   | gets the error           | shop.error.sold_out
`

// table is the second one. A \d+ is looked at as well.
const table = `
till     | publishes while the secret changes                    | yes | yes | (\d+) came to prefix and wildcard, (\d+) under the first secret, (\d+) under the second
till     | calls while the secret changes                        | yes | yes | (\d+) of (\d+) answered
stranger | learns a topic at the router                          | no  | no  | it is below shop., of 3 components
stranger | calls by the real URI                                 | no  | no  | wamp.error.no_such_procedure
guest    | has a key and no secret: publishes                    | no  | no  | nothing came
guest    | has a key and another secret: calls                   | no  | no  | wamp.error.no_such_procedure
guest    | has a key and another secret: subscribes              | no  | no  | nothing came
insider  | has the secret: tries words on what the router sees   | yes | yes | found shop.sold.tea.munich
`

// TestTables: each cell of both.
func TestTables(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(timeout(t), &out))
	first, second, found := strings.Cut(out.String(), "\n\n")
	require.True(t, found)
	requireURIs(t, strings.Split(first, "\n"))

	rows, lines := strings.Split(strings.Trim(table, "\n"), "\n"), strings.Split(second, "\n")
	require.Len(t, lines, len(rows)+4)
	require.Equal(t, "All 8 came out as they must, and no message was lost.", lines[len(lines)-2])
	require.Equal(t, []string{"WHO", "DOES", "MAY", "COULD", "HOW IT CAME OUT"}, cells(lines[0]))
	var counts []int
	for i, row := range rows {
		want, got := strings.Split(row, "|"), cells(lines[i+1])
		require.Len(t, got, len(want), lines[i+1])
		for cell := range want[:4] {
			require.Equal(t, strings.TrimSpace(want[cell]), got[cell], lines[i+1])
		}
		matched := regexp.MustCompile("^" + strings.TrimSpace(want[4]) + "$").FindStringSubmatch(got[4])
		require.NotEmpty(t, matched, lines[i+1])
		for _, figure := range matched[1:] {
			n, err := strconv.Atoi(figure)
			require.NoError(t, err)
			counts = append(counts, n)
		}
	}
	require.Len(t, counts, 5)
	require.Equal(t, counts[0], counts[1]+counts[2])
	require.Equal(t, []int{counts[0], counts[0]}, counts[3:])
}

// cells takes a line of a table apart.
func cells(line string) []string { return regexp.MustCompile(` {2,}`).Split(line, -1) }

// requireURIs: what the router sees is the prefix and 16 characters for each component, equal
// ones where a component is the same at the same place, and no others.
func requireURIs(t *testing.T, lines []string) {
	t.Helper()
	require.Equal(t, []string{"WHO", "DOES", "THE PROGRAM SEES", "THE ROUTER SEES"}, cells(lines[0]))
	rows := strings.Split(strings.Trim(uris, "\n"), "\n")
	require.Len(t, lines, len(rows)+1)
	type at struct {
		place     int
		component string
	}
	known, places := map[at]string{}, map[string]at{}
	for i, row := range rows {
		want, got := cells(regexp.MustCompile(` *\| `).ReplaceAllString(row, "  ")), cells(lines[i+1])
		require.Equal(t, want, got[:3])
		if got[2] == soldOut {
			require.Equal(t, "wampbox.error", got[3])
			continue
		}
		program, router := strings.Split(got[2], "."), strings.Split(got[3], ".")
		require.Len(t, router, len(program))
		require.Equal(t, "shop", router[0])
		for place, component := range program[1:] {
			scrambled, here := router[place+1], at{place, component}
			if component == "" {
				require.Empty(t, scrambled)
				continue
			}
			require.Regexp(t, `^[a-z2-7]{16}$`, scrambled)
			if known[here] == "" {
				require.NotContains(t, places, scrambled)
				known[here], places[scrambled] = scrambled, here
			}
			require.Equal(t, known[here], scrambled)
		}
	}
	require.Len(t, known, 6)
}

// TestTableCanFail: what a shop that isn't scrambled allows is found.
func TestTableCanFail(t *testing.T) {
	s, err := newShop()
	require.NoError(t, err)
	defer s.close()
	_, err = s.work(timeout(t))
	require.NoError(t, err)
	for _, ring := range s.rings {
		require.NoError(t, ring.Unscramble(prefix))
	}
	require.Eventually(t, func() bool { return s.watch.last(wamp.REGISTER) == count }, 20*time.Second, 5*time.Millisecond)
	require.Equal(t, tea, s.routed(tea))
	rows, err := s.tryAll(timeout(t))
	require.NoError(t, err)
	err = printRows(&bytes.Buffer{}, rows)
	require.ErrorIs(t, err, errWrong)
	for _, wrong := range []string{
		"stranger: learns a topic at the router", "guest: has a key and no secret: publishes: the event came", "insider: has the secret",
	} {
		require.ErrorContains(t, err, wrong)
	}
	require.NotContains(t, err.Error(), "another secret")
}

// TestLostEvent: an event that doesn't come during the change of the secret is missed.
func TestLostEvent(t *testing.T) {
	s, err := newShop()
	require.NoError(t, err)
	defer s.close()
	_, err = s.work(timeout(t))
	require.NoError(t, err)
	s.rings = slices.Delete(s.rings, 1, 2) // the office isn't given the next secret
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	_, err = s.rotate(ctx)
	require.ErrorContains(t, err, "was lost")
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, run(ctx, &bytes.Buffer{}))
}
