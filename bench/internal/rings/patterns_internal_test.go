package rings

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestEveryURIHasItsOwnPattern makes sure that lookups find what they are to find.
func TestEveryURIHasItsOwnPattern(t *testing.T) {
	const n = 300
	for _, match := range matches {
		f, err := fill(match, n)
		require.NoError(t, err)
		require.Equal(t, n, f.ring.Len())
		require.Len(t, f.uris, n)
		var found []string
		for _, uri := range f.uris {
			entry, ok := f.ring.Lookup(uri)
			require.True(t, ok, uri)
			require.Equal(t, match, entry.Pattern().Match)
			found = append(found, entry.Pattern().URI)
		}
		require.NotEqual(t, f.patterns, found, "in another order")
		slices.Sort(found)
		require.Equal(t, slices.Sorted(slices.Values(f.patterns)), found, "each once")
	}
}

func TestLookupsNoticeWhatIsNotFound(t *testing.T) {
	f, err := fill(keyring.Exact, 10)
	require.NoError(t, err)
	require.NoError(t, f.lookup(f.uris)())
	require.Error(t, f.lookup([]string{"com.example.other"})())
}

func TestChangesAreMadeAndCounted(t *testing.T) {
	f, err := fill(keyring.Wildcard, 10)
	require.NoError(t, err)
	before, _ := f.ring.Lookup(f.uris[0])
	stop := f.change(0)
	require.Eventually(t, func() bool {
		now, found := f.ring.Lookup(f.uris[0])
		return found && now != before
	}, 20e9, 1e5)
	changes, err := stop()
	require.NoError(t, err)
	require.Positive(t, changes)
	require.Equal(t, 10, f.ring.Len())
}

func TestTogether(t *testing.T) {
	require.Equal(t, []string{"a", "", "bc"}, together([]string{"a", "", "bc"}))
}

// TestAReceiverRefusesWhatItHad shows that what is measured does check.
func TestAReceiverRefusesWhatItHad(t *testing.T) {
	r, err := newReceiver()
	require.NoError(t, err)
	messages, err := r.seal(256)
	require.NoError(t, err)
	w := &worker{receiver: r, messages: messages, from: openedSender}
	for range 2 * ahead {
		require.NoError(t, w.receive())
	}
	w.n--
	require.Error(t, w.receive(), "a counter that it had")
	messages[w.n%ahead].envelope.Payload[60] ^= 1
	require.Error(t, w.receive(), "a message that was changed")
}

func TestACrowdIsKnown(t *testing.T) {
	c, size, err := newCrowd(100)
	require.NoError(t, err)
	require.Positive(t, size)
	for range 300 {
		require.NoError(t, c.remember())
	}
	c.counter[c.next]--
	require.Error(t, c.remember(), "a counter that it had")
}
