package main

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

// TestCheckCanFail: what is lost, refused or never used doesn't go unseen.
func TestCheckCanFail(t *testing.T) {
	check := func(opened, refused uint64, keys ...string) error {
		all := tally{ByKey: map[string]uint64{}}
		one := tally{Sealed: 10, Sent: 4, ByKey: map[string]uint64{}}
		for _, id := range keys {
			one.ByKey[id] = 1
		}
		all.add(one)
		all.add(tally{Opened: opened, Refused: refused})
		return all.check([]string{"a", "b"})
	}
	require.NoError(t, check(14, 0, "a", "b"))
	require.ErrorContains(t, check(13, 0, "a", "b"), "lost")
	require.ErrorContains(t, check(14, 1, "a", "b"), "refused")
	require.ErrorContains(t, check(14, 0, "a"), "the key b wasn't used")
	require.ErrorContains(t, check(14, 0, "a", "b", "c"), "isn't there")
}

func TestEventsAreCounted(t *testing.T) {
	s := &seen{count: map[string]int64{}}
	require.NoError(t, s.next(wamp.List{"1", 1}))
	require.NoError(t, s.next(wamp.List{"2", 1}))
	require.Error(t, s.next(wamp.List{"1", 1}), "twice")
	require.Error(t, s.next(wamp.List{"1", 3}), "one is missing")
	require.EqualValues(t, 1, s.by(wamp.List{"1"}))
}
