package reconnect_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	wire "github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// party is a Session under load: it serves, and calls and publishes to the other one.
type party struct {
	*transparency.Session
	*told
	name  string
	calls tally
	seen  sync.Map // events, by topic and number
	twice atomic.Int64
	came  map[string]*atomic.Int64 // events, by topic
}

func newParty(t *testing.T, name, url string, cfg client.Config, opts ...transparency.Option) *party {
	t.Helper()
	rules, seen := policy()
	p := &party{told: seen, name: name, came: map[string]*atomic.Int64{sealed: {}, plain: {}}}
	ring := harness.RingOf(t, loadKey)
	p.Session = connect(t, url, cfg, ring, append(opts, transparency.WithReconnect(rules))...)
	for topic, came := range p.came {
		require.NoError(t, p.Subscribe(topic+".event", func(ev *wamp.Event) {
			came.Add(1)
			if _, again := p.seen.LoadOrStore(fmt.Sprint(topic, ev.Arguments[0]), true); again {
				p.twice.Add(1)
			}
		}, nil))
		require.NoError(t, p.Register(topic+"."+name, harness.Echo, nil))
	}
	return p
}

// work calls the other party's procedures, one after the other, and publishes, until it
// is over.
func (p *party) work(t *testing.T, other string, over <-chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-over:
			return
		default:
		}
		topic := []string{sealed, plain}[i%2]
		text := fmt.Sprint(p.name, " ", i)
		result, err := p.Call(harness.Timeout(t), topic+"."+other, nil, wamp.List{text}, nil, nil)
		if err == nil && (len(result.Arguments) != 1 || result.Arguments[0] != text) {
			err = fmt.Errorf("answered %v instead of %q", result.Arguments, text)
		}
		p.calls.note(err)
		if err != nil {
			time.Sleep(time.Millisecond)
		}
		_ = p.Publish(topic+".event", nil, wamp.List{fmt.Sprint(p.name, numbers.Add(1))}, nil)
	}
}

// numbers are those of events.
var numbers atomic.Int64

var loadKey = keyring.Shared(cryptobox.GenerateSymmetricKey())

// A router is killed and started again under load. Every call is answered, and rightly,
// or says what is known of it; and all is back within the pauses.
func TestRestartUnderLoad(t *testing.T) {
	for name, transport := range transports {
		for _, serializer := range wire.Serializers {
			t.Run(name+"/"+serializer.Name, func(t *testing.T) {
				f := newFront(t)
				f.router(transport.target(startRouter(t)))
				cfg := harness.Config(serializer.ID)
				refused, collecting := harness.Collect()
				a := newParty(t, "a", transport.url(f), cfg, collecting)
				b := newParty(t, "b", transport.url(f), cfg, collecting)
				over := make(chan struct{})
				var load sync.WaitGroup
				for range 4 {
					load.Go(func() { a.work(t, "b", over) })
					load.Go(func() { b.work(t, "a", over) })
				}
				requireFlow(t, a, b)
				for range 3 {
					f.down()
					harness.Receive(t, a.lost)
					harness.Receive(t, b.lost)
					require.False(t, a.Connected())
					require.Error(t, b.Ready())
					f.router(transport.target(startRouter(t))) // which knows nothing of them
					began := time.Now()
					harness.Receive(t, a.again)
					harness.Receive(t, b.again)
					require.Less(t, time.Since(began), time.Second)
					require.NoError(t, a.Ready())
					require.NoError(t, b.Ready())
					requireFlow(t, a, b)
				}
				close(over)
				load.Wait()
				for _, p := range []*party{a, b} {
					if last := p.calls.last.Load(); last != nil {
						require.NoError(t, *last)
					}
					require.Zero(t, p.twice.Load(), "an event came twice")
					require.NotZero(t, p.calls.notConnected.Load())
					t.Logf("%s: %d calls answered, %d interrupted, %d not sent, %d to nobody, %d canceled by the router",
						p.name, p.calls.answered.Load(), p.calls.interrupted.Load(), p.calls.notConnected.Load(), p.calls.noProcedure.Load(), p.calls.canceled.Load())
				}
				require.NotZero(t, a.calls.interrupted.Load()+b.calls.interrupted.Load())
				require.Zero(t, refused.Count())
			})
		}
	}
}

// requireFlow waits until calls and events go both ways, sealed and plain.
func requireFlow(t *testing.T, parties ...*party) {
	t.Helper()
	for _, p := range parties {
		calls := p.calls.answered.Load()
		require.Eventually(t, func() bool { return p.calls.answered.Load() > calls+20 }, harness.Patience, time.Millisecond)
		for topic, came := range p.came {
			events := came.Load()
			require.Eventually(t, func() bool { return came.Load() > events+20 }, harness.Patience, time.Millisecond, topic)
		}
	}
}
