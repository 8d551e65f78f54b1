package keyring

import (
	"fmt"
	"math/bits"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/heap"
)

// What a router makes us look for takes up bounded room, and no text of its.
func TestNearMissesAreBounded(t *testing.T) {
	r := New()
	require.NoError(t, r.Set(Exact("com.app.order"), meetKey))
	require.NoError(t, r.SetPlain(Prefix("")))
	for i := range 3 * maxAnswered {
		_, _ = r.Lookup(fmt.Sprintf("net.other%d", i))
		_, _ = r.Lookup(fmt.Sprintf("com.app.order%c", 'a'+i%26))
		_, _ = r.Lookup(fmt.Sprintf("net.%d", i) + strings.Repeat("x", maxAsked))
	}
	_, _ = r.Lookup(strings.Repeat("x", 1<<20))
	kept := 0
	for i := range r.near.answered {
		for at := range r.near.answered[i].Load() {
			if a := r.near.answered[i].Load()[at].Load(); a != nil {
				require.LessOrEqual(t, len(a.uri), maxAsked)
				kept++
			}
		}
	}
	require.Greater(t, kept, maxAnswered/2)
	require.Len(t, r.near.sealed.texts.patterns, 1)
}

// What a wide pattern declares plain waits for nobody: not where nothing has a key, nor where
// it was asked for before.
func TestPlainLookupTakesNoLock(t *testing.T) {
	r := New()
	require.NoError(t, r.SetPlain(Prefix("com.")))
	for range 2 {
		r.near.mu.Lock()
		done := make(chan error)
		go func() { _, err := r.Lookup("com.app.other"); done <- err }()
		select {
		case err := <-done:
			require.NoError(t, err)
		case <-time.After(time.Minute):
			t.Fatal("it waits")
		}
		r.near.mu.Unlock()
		require.NoError(t, r.Set(Exact("com.app.order"), meetKey))
		_, err := r.Lookup("com.app.other")
		require.NoError(t, err)
	}
}

// The filter stays one that tells texts apart when patterns come after the first question,
// and what is gone is forgotten in the end.
func TestNearMissesHaveRoom(t *testing.T) {
	for _, gone := range []bool{false, true} {
		r := New()
		for i := range 2000 {
			p := Exact(fmt.Sprintf("com.app.order%d", i))
			require.NoError(t, r.SetPlain(p))
			_, _ = r.Lookup(fmt.Sprintf("net.other%d", i))
			if gone {
				require.NoError(t, r.Remove(p))
			}
		}
		texts := r.near.plain.texts
		require.Equal(t, gone, len(texts.patterns) < 500, len(texts.patterns))
		set := 0
		for _, word := range texts.lacking.bits {
			set += bits.OnesCount64(word)
		}
		require.Less(t, set, 64*len(texts.lacking.bits)/3)
	}
}

// Programs have many rings where each of their sessions has one. What finds near misses is
// made when it is needed, and as large as the ring needs it.
func TestRingsAreSmall(t *testing.T) {
	const count, asked = 200, "com.app.other.one"
	var rings [count]*Ring
	before := heap.InUse()
	for i := range rings {
		rings[i] = New()
		require.NoError(t, rings[i].Set(Prefix("com.app.order."), meetKey))
		require.NoError(t, rings[i].SetPlain(Prefix("com.app.other.")))
	}
	require.Less(t, heap.InUse()-before, int64(count*2<<10))
	for _, r := range rings {
		_, err := r.Lookup(asked)
		require.NoError(t, err)
	}
	require.Less(t, heap.InUse()-before, int64(count*12<<10))
	runtime.KeepAlive(rings)
}

// Of a URI no more is looked at than patterns are long, wherever in it they leave something
// open.
func TestLongComponentsAreCut(t *testing.T) {
	p := Wildcard("org.room..temp")
	x := newIndex(0)
	x.set(p, true)
	s := seeker{texts: x.texts, text: x.texts.text()}
	s.count, s.mask = shapeOf(p.URI)
	long := strings.Repeat("x", 1000)
	for at := range 3 {
		for _, components := range [][]string{{long, long, long}, {"org", long, long}, {strings.Repeat("x", 2*s.longest-1), long, long}} {
			s.masked(components, at, 1)
			require.LessOrEqual(t, len(s.lower), 3*s.longest)
		}
	}
}
