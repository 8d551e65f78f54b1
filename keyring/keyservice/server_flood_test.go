//go:build !race

package keyservice_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/heap"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// TestServerFlood: of 10,000 gets at once, of whom proves nothing and of a member that can't stop,
// honest ones are answered soon, in bounded memory, and nearly nothing is written.
func TestServerFlood(t *testing.T) {
	const gets = 10_000
	is := newIssuer(t, "shop", "desk", "mad")
	is.issue(t, "mad", strings.Repeat("x", statement.MaxCiphertext-1))
	log := new(logged)
	var told errorsOf
	o := quick(&told)
	o.Logger = log.logger()
	d := &direct{done: make(chan struct{})}
	s := serve(t, d, is, o)
	var flood [][]byte
	for i := range uint64(50) {
		flood = append(flood, is.get(t, "mad", func(g *statement.Get) { g.Serial = i }), is.get(t, fmt.Sprint("stranger", i)),
			bytes.Repeat([]byte{byte(i)}, statement.MaxStatement))
		forged := is.get(t, "shop")
		forged[len(forged)-1] ^= 1
		flood = append(flood, forged)
	}
	before := heap.InUse()
	var running sync.WaitGroup
	begin := make(chan struct{})
	for i := range gets {
		running.Go(func() {
			<-begin
			d.ask(t.Context(), flood[i%len(flood)])
		})
	}
	flooded := make(chan struct{})
	begun := time.Now()
	close(begin)
	go func() { running.Wait(); close(flooded) }()
	var slowest time.Duration
	var peak int64
	answered, busy := 0, 0
	for asking := true; asking || answered == 0; time.Sleep(time.Millisecond) {
		select {
		case <-flooded:
			asking = false
		default:
		}
		at, get := time.Now(), is.get(t, "desk")
		if result := d.ask(t.Context(), get); result.Err == "" {
			is.verify(t, get, result.Args[0])
			answered++
		} else {
			require.Equal(t, wamp.URI("wampbox.keyring.error.busy"), result.Err)
			busy++
		}
		slowest = max(slowest, time.Since(at))
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, int64(m.HeapAlloc))
	}
	took := time.Since(begun)
	stats := s.Stats()
	t.Logf("%d gets in %v; %d honest ones answered and %d busy meanwhile, the slowest in %v; refused %v; %d receipts; %d MiB of answers; heap %d MiB before, %d MiB at its peak",
		gets, took, answered, busy, slowest, stats.Refused, stats.Receipts, stats.Bytes>>20, before>>20, peak>>20)
	require.Less(t, took, time.Minute)
	require.Less(t, slowest, 30*time.Second)
	require.Less(t, peak-before, int64(200<<20))
	require.LessOrEqual(t, stats.Receipts, uint64(50+1))
	require.Less(t, strings.Count(log.String(), "\n"), 2000)
	require.Less(t, heap.InUse()-before, int64(16<<20), "what is kept")
	require.Empty(t, told.list())
	members, err := os.ReadDir(filepath.Join(is.folder.Path(), "receipts"))
	require.NoError(t, err)
	require.LessOrEqual(t, len(members), 2)
	stats = s.Stats()
	require.Equal(t, uint64(gets+answered+busy), stats.Answered+stats.Refused["busy"]+stats.Refused["malformed"]+stats.Refused["not_authorized"])
}

// TestServerBytes: members that ask for large grants together get so many bytes in a second.
func TestServerBytes(t *testing.T) {
	names := []string{"a", "b", "c"}
	is := newIssuer(t, names...)
	large := strings.Repeat("x", statement.MaxCiphertext)
	for _, name := range names {
		is.issue(t, name, large)
	}
	d := &direct{done: make(chan struct{})}
	s := serve(t, d, is, keyservice.ServeOptions{})
	began := time.Now()
	for i := range 3 * 64 { // as many as the members may ask for at once
		d.ask(t.Context(), is.get(t, names[i%3]))
	}
	const burst, rate = 128 << 20, 32 << 20
	stats := s.Stats()
	require.Greater(t, stats.Bytes, uint64(burst/2))
	require.LessOrEqual(t, float64(stats.Bytes), burst+rate*time.Since(began).Seconds())
	require.NotZero(t, stats.Refused["busy"])
}
