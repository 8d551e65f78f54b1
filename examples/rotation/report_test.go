package main

import (
	"io"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

// TestReportCanFail: what is lost, refused or never used doesn't go unseen.
func TestReportCanFail(t *testing.T) {
	report := func(opened, refused uint64, keys ...string) error {
		byKey := map[string]uint64{}
		for _, id := range keys {
			byKey[id] = 1
		}
		c := &conductor{out: io.Discard, began: time.Now(), ids: []string{"a", "b"}, processes: []*process{
			{last: tally{Sealed: 10, Sent: 4, ByKey: byKey}}, {last: tally{Opened: opened, Refused: refused}},
		}}
		return c.report()
	}
	require.NoError(t, report(14, 0, "a", "b"))
	require.ErrorContains(t, report(13, 0, "a", "b"), "lost")
	require.ErrorContains(t, report(14, 1, "a", "b"), "refused")
	require.ErrorContains(t, report(14, 0, "a"), "1 keys were used")
}

func TestEventsAreCounted(t *testing.T) {
	s := &seen{count: map[string]int64{}}
	require.NoError(t, s.next(wamp.List{"1", 1}))
	require.NoError(t, s.next(wamp.List{"2", 1}))
	require.Error(t, s.next(wamp.List{"1", 1}), "twice")
	require.Error(t, s.next(wamp.List{"1", 3}), "one is missing")
	require.EqualValues(t, 1, s.by(wamp.List{"1"}))
}
