package transparency_test

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// floodBound is how much a flood may add to the heap, in bytes.
const floodBound = 32 << 20

// floodSize is how many forged messages make a flood: WAMPBOX_FLOOD, or as many as
// a test run has time for.
func floodSize(t *testing.T) int {
	text, given := os.LookupEnv("WAMPBOX_FLOOD")
	if !given {
		return 16_000
	}
	size, err := strconv.Atoi(text)
	require.NoError(t, err)
	return size
}

// TestFlood: forged messages cost bounded memory, and honest calls are answered
// in between and after.
func TestFlood(t *testing.T) {
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) { flood(t, d, floodSize(t)) })
	}
}

func flood(t *testing.T, d dialect, size int) {
	k := harness.NewKeys().In(d.Dialect)
	p := playQuietly(t, d, handrouter.RawSocket, "msgpack", k.ResponderKey(), k.OriginatorKey(),
		transparency.WithOnReject(func(*transparency.Error) {}))
	p.subscribed(harness.Prefix + "x")
	p.registered(harness.Prefix+"x", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: inv.Arguments}
	})
	forged := forgedMessages(p)
	honest := func(request int) {
		record := &harness.Record{URI: harness.Prefix + "x", Args: []any{"hi"}, Bound: *p.Bind(cryptobox.KindCall, nil)}
		p.deliver(record, wamp.INVOCATION, request, registration, wamp.Dict{})
		_, answer, _ := p.sealedMessage(wamp.YIELD, nil, nil)
		require.Equal(t, []any{"hi"}, answer.Args)
	}
	request := 1
	honest(request)
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for sent := 0; sent < size; sent += len(forged) {
		for _, data := range forged {
			p.SendBytes(data)
		}
		if sent%(size/10) < len(forged) {
			request++
			honest(request)
			runtime.GC()
			runtime.ReadMemStats(&now)
			require.Less(t, int64(now.HeapAlloc)-int64(before.HeapAlloc), int64(floodBound))
		}
	}
	request++
	honest(request)
	// In the foreign dialects nothing says that what is replayed was a call, so it is
	// delivered once.
	require.Eventually(t, func() bool { return total(p.Stats().Rejected) >= uint64(size-1) }, harness.Patience, time.Millisecond)
	t.Logf("%d refused; heap %+d KiB", total(p.Stats().Rejected), (int64(now.HeapAlloc)-int64(before.HeapAlloc))/1024)
}

func total(counts map[transparency.Reason]uint64) (n uint64) {
	for _, count := range counts {
		n += count
	}
	return n
}

// forgedMessages are messages that a Session refuses, each for another reason.
func forgedMessages(p *played) [][]byte {
	event := []any{wamp.EVENT, subscription, publication, wamp.Dict{}}
	stranger := harness.Holding(p.t, harness.RingOf(p.t, harness.NewKeys().In(p.dialect.Dialect).OriginatorKey()))
	env, _ := stranger.Envelope(&harness.Record{URI: harness.Prefix + "x", Bound: *p.Bind(cryptobox.KindPublish, nil)})
	if !p.dialect.Foreign() {
		id := p.Version.Key().ID()
		copy(env.Payload[1:], id[:])
	}
	replayed, _ := p.Envelope(&harness.Record{URI: harness.Prefix + "x", Bound: *p.Bind(cryptobox.KindCall, nil)})
	lists := [][]any{
		p.dialect.message(event, p.dialect.fields(env), p.binary(env.Payload)),
		p.dialect.message(event, p.dialect.fields(replayed), p.binary(replayed.Payload)),
		append(event[:len(event):len(event)], []any{"plain"}),
		{wamp.EVENT, subscription + 1, publication, wamp.Dict{}, []any{"to nobody"}},
		{wamp.EVENT, subscription, publication, wamp.Dict{"enc_algo": "cryptobox", "ppt_scheme": "wamp"}, []any{}},
		{wamp.RESULT, int64(1 << 40), wamp.Dict{}, []any{"unasked"}},
		{wamp.INVOCATION, 1, registration, wamp.Dict{}, []any{"old"}},
		{wamp.REGISTERED, int64(1 << 40), 5},
	}
	var all [][]byte
	for _, list := range lists {
		data, err := handrouter.Encode(p.encoding, list)
		require.NoError(p.t, err)
		all = append(all, data)
	}
	return all
}
