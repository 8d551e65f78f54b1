package transparency

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/heap"
)

// TestCountsAreBounded: beyond so many topics publications have no number, and those that
// have one go on.
func TestCountsAreBounded(t *testing.T) {
	var c counts
	first := c.of("topic")
	for i := range 2 * maxCounted {
		c.of(strconv.Itoa(i))
	}
	require.Len(t, c.topics, maxCounted)
	require.Nil(t, c.of("one more"))
	require.Same(t, first, c.of("topic"))
}

// TestGapsAreBounded: the streams that came first are forgotten, and begin anew.
func TestGapsAreBounded(t *testing.T) {
	var g gaps
	of := func(topic string) *stream {
		return &stream{scope: "event", topic: topic, secret: "key", from: cryptobox.SenderID{1}}
	}
	for i := range maxCounted {
		require.Zero(t, g.missed(of(strconv.Itoa(i)), 5))
	}
	require.EqualValues(t, 4, g.missed(of("0"), 10))
	require.Zero(t, g.missed(of("one more"), 5))
	require.Zero(t, g.missed(of("0"), 20), "forgotten")
	require.Zero(t, g.missed(of("0"), 20), "the same again")
	require.Zero(t, g.missed(of("0"), 17), "late")
	require.EqualValues(t, 1, g.missed(of("0"), 22))
	require.EqualValues(t, 4, g.missed(of("2"), 10), "still known")
}

// TestGapsOfSigners: one that names the streams of another, or more than there is room for,
// changes nothing for another. Most of the room is its own.
func TestGapsOfSigners(t *testing.T) {
	var g gaps
	of := func(signer string, from byte, topic int) *stream {
		return &stream{scope: "event", topic: strconv.Itoa(topic), secret: "key", signer: signer, from: cryptobox.SenderID{from}}
	}
	for topic := range 100 {
		require.Zero(t, g.missed(of("honest", 1, topic), 5))
		require.Zero(t, g.missed(of("", 1, topic), 5))
		require.Zero(t, g.missed(of("forger", 1, topic), 1<<40))
	}
	for topic := range 2 * maxCounted {
		require.Zero(t, g.missed(of("forger", 2, topic), 1))
	}
	for topic := range 100 {
		require.EqualValues(t, 4, g.missed(of("honest", 1, topic), 10))
		require.EqualValues(t, 2, g.missed(of("", 1, topic), 8))
	}
	require.Zero(t, g.missed(of("forger", 1, 0), 1<<41), "forgotten")
}

// TestGapsOfLongTopics: a holder of the key can't fill the memory with them.
func TestGapsOfLongTopics(t *testing.T) {
	const topics, length = 100, 1 << 20
	var g gaps
	before := heap.InUse()
	for i := range topics {
		long := &stream{topic: strings.Repeat("x", length) + strconv.Itoa(i)}
		require.Zero(t, g.missed(long, 1))
		require.EqualValues(t, 3, g.missed(long, 5))
	}
	require.Less(t, heap.InUse()-before, int64(topics*length/10))
	runtime.KeepAlive(&g)
}
