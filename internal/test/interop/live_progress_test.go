package interop_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// progress calls a procedure and returns what came before its answer.
func progress(l live, s *transparency.Session, procedure string) (chunks []*wamp.Result, result *wamp.Result, err error) {
	l.Helper()
	var got gather[*wamp.Result]
	result, err = s.Call(l.ctx, procedure, nil, nil, nil, got.add)
	return got.all(), result, err
}

func TestLiveProgressFromPython(t *testing.T) {
	all := startLive(t)
	chunks := []interop.Payload{{Args: []any{1}}, {}, {Args: []any{2, "zwei"}, Kwargs: map[string]any{"half": 0.5}}}
	want := []wamp.List{{int64(1)}, {}, {int64(2), "zwei"}}
	for _, e := range ends {
		t.Run(e.name, func(t *testing.T) {
			l := all.in(t)
			counts, fails := keyed("count"), keyed("fail")
			responder, originator := l.join(interop.JSON, l.pyResponding()), l.connect(e, l.originating())
			last := interop.Payload{Args: []any{"done"}, Kwargs: map[string]any{"n": 3}}
			require.NoError(t, responder.Register(l.ctx, counts, interop.Progress(0, chunks, last), nil))
			require.NoError(t, responder.Register(l.ctx, fails, interop.ProgressThenRaise(0, chunks, errorURI, last), nil))

			got, result, err := progress(l, originator, counts)
			require.NoError(t, err)
			requireChunks(t, want, got)
			require.Equal(t, wamp.Dict{"half": 0.5}, got[2].ArgumentsKw)
			require.Equal(t, wamp.List{"done"}, result.Arguments)
			require.Equal(t, wamp.Dict{"n": int64(3)}, result.ArgumentsKw)
			fromAutobahn(t, result.Details)

			got, _, err = progress(l, originator, fails)
			requireChunks(t, want, got)
			require.EqualValues(t, errorURI, harness.Raised(t, err).Error)
			require.Equal(t, wamp.List{"done"}, harness.Raised(t, err).Arguments)
			fromAutobahn(t, harness.Raised(t, err).Details)
			require.Empty(t, originator.Stats().Rejected)
		})
	}
}

func requireChunks(t *testing.T, want []wamp.List, got []*wamp.Result) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.Equal(t, want[i], got[i].Arguments, "chunk %d", i)
		fromAutobahn(t, got[i].Details)
	}
}

// counting is a handler that sends progress of each shape, in order, and answers.
func counting(s *transparency.Session, answer client.InvokeResult) client.InvocationHandler {
	return func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		for _, send := range []func() error{
			func() error { return s.SendProgress(ctx, wamp.List{1}, nil) },
			func() error { return s.SendProgress(ctx, nil, nil) },
			func() error { return s.SendProgress(ctx, nil, wamp.Dict{"half": 0.5}) },
			func() error { return s.SendProgress(ctx, wamp.List{2, "zwei"}, wamp.Dict{"n": 2}) },
		} {
			if err := send(); err != nil {
				return client.InvokeResult{Err: wamp.ErrInvalidArgument, Args: wamp.List{err.Error()}}
			}
		}
		return answer
	}
}

func TestLiveProgressFromGo(t *testing.T) {
	all := startLive(t)
	for _, e := range ends {
		t.Run(e.name, func(t *testing.T) {
			l := all.in(t)
			counts, fails := keyed("count"), keyed("fail")
			responder := l.connect(e, l.responding())
			l.served(responder, counts, nil, counting(responder, client.InvokeResult{Args: wamp.List{"done"}}))
			l.served(responder, fails, nil, counting(responder, client.InvokeResult{Err: errorURI, Args: wamp.List{"failed"}}))
			originator := l.join(interop.JSON, l.pyOriginating())
			call := func(procedure string) ([]interop.Received, interop.Received, error) {
				var got gather[interop.Received]
				result, err := originator.Call(l.ctx, procedure, nil, nil, got.add)
				return got.all(), result, err
			}
			chunks, result, err := call(counts)
			require.NoError(t, err)
			requireCounted(t, chunks)
			require.Equal(t, []any{"done"}, result.Args)
			fromSession(t, result)

			chunks, _, err = call(fails)
			requireCounted(t, chunks)
			require.Equal(t, errorURI, pyRaised(t, err).URI)
			require.Equal(t, []any{"failed"}, pyRaised(t, err).Args)
		})
	}
}

func requireCounted(t *testing.T, chunks []interop.Received) {
	t.Helper()
	require.Len(t, chunks, 4)
	none := map[string]any{}
	for i, want := range []interop.Payload{
		{Args: []any{int64(1)}, Kwargs: none},
		{Args: []any{}, Kwargs: none},
		{Args: []any{}, Kwargs: map[string]any{"half": 0.5}},
		{Args: []any{int64(2), "zwei"}, Kwargs: map[string]any{"n": int64(2)}},
	} {
		require.Equal(t, want, interop.Payload{Args: chunks[i].Args, Kwargs: chunks[i].Kwargs}, "chunk %d", i)
		fromSession(t, chunks[i])
	}
}

// detailed asks for details, as programs do. Autobahn then unpacks args and kwargs of
// sealed progress whether there are any or not, and fails where the record says null.
const detailed = `
from autobahn.twisted.wamp import ApplicationRunner, ApplicationSession
from autobahn.wamp.cryptobox import Key, KeyRing
from autobahn.wamp.types import CallOptions
from twisted.internet import reactor

class Component(ApplicationSession):
    def onConnect(self):
        ring = KeyRing()
        ring.set_key(%[1]q, Key(originator_priv=%[2]q, responder_pub=%[3]q))
        self.set_payload_codec(ring)
        self.join(self.config.realm)

    async def onJoin(self, details):
        def on_progress(chunk):
            print("chunk", chunk.results, chunk.kwresults)
        options = CallOptions(on_progress=on_progress, details=True)
        result = await self.call(%[4]q, options=options)
        print("result", result.results, result.kwresults)
        self.leave()

    def onUserError(self, failure, message):
        print("failed", failure)

    def onDisconnect(self):
        reactor.stop()

if __name__ == "__main__":
    ApplicationRunner("ws://127.0.0.1:8080", "realm1").run(Component)
`

func TestLiveProgressWithDetails(t *testing.T) {
	l := startLive(t)
	procedure := keyed("count")
	responder := l.connect(usual, l.responding())
	l.served(responder, procedure, nil, counting(responder, client.InvokeResult{Args: wamp.List{"done"}}))
	key := l.pyOriginating()[0]
	path := filepath.Join(t.TempDir(), "detailed.py")
	text := fmt.Sprintf(detailed, key.URI, key.OriginatorPriv, key.ResponderPub, procedure)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	script := l.suite.Script(t, path)
	for _, says := range []string{
		"chunk (1,) {}", "chunk () {}", "chunk () {'half': 0.5}", "chunk (2, 'zwei') {'n': 2}", "result ('done',) {}",
	} {
		require.NoError(t, script.Says(l.ctx, says))
	}
	require.NoError(t, script.Wait(l.ctx))
	require.NotContains(t, script.Log(), "failed")
}
