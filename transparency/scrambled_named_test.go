package transparency_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// otherInJSON is a struct for CBOR and MessagePack, and a text for JSON.
type otherInJSON struct{ URI string }

func (o otherInJSON) MarshalJSON() ([]byte, error) { return json.Marshal(o.URI) }

// TestScrambledNamedInside: a URI that is scrambled doesn't go to the router inside lists, maps and
// structs of a call of the protocol's own either.
func TestScrambledNamedInside(t *testing.T) {
	const procedure = string(wamp.MetaProcSubLookup)
	uri := below + "a.x"
	w := plugged(t, scrambledRing(t, harness.NewKeys().ResponderKey(), cryptobox.GenerateScrambleSecret()))
	itself := wamp.Dict{}
	itself["again"] = itself
	unknown := []string{"bytes", "other things", "a map that holds itself"} // what they are for the router
	for name, v := range map[string]any{
		"a list":                  wamp.List{uri},
		"a list of any":           []any{1, uri},
		"a list of texts":         []string{"x", uri},
		"URIs":                    []wamp.URI{wamp.URI(uri)},
		"a map":                   wamp.Dict{"uri": uri},
		"a key":                   wamp.Dict{uri: true},
		"a key of a map":          map[string]int{uri: 1},
		"a map of any":            map[string]any{"x": map[string]any{"y": []any{uri}}},
		"a map of texts":          map[string]string{"uri": uri},
		"bytes":                   []byte(uri),
		"a struct":                struct{ URI string }{uri},
		"a pointer":               &uri,
		"other things":            otherInJSON{uri},
		"behind a RouterURI":      []any{transparency.RouterURI("x"), uri},
		"a map that holds itself": itself,
	} {
		for _, part := range []struct {
			args   wamp.List
			kwargs wamp.Dict
		}{{args: wamp.List{"x", v}}, {kwargs: wamp.Dict{"v": v}}} {
			_, err := w.Session.Call(t.Context(), procedure, nil, part.args, part.kwargs, nil)
			require.Error(t, err, name)
			if !slices.Contains(unknown, name) {
				harness.RequireReason(t, err, transparency.Misuse)
			}
			require.Empty(t, w.called, name)
		}
	}
	_, err := w.Session.Call(t.Context(), procedure, nil, nil, wamp.Dict{uri: 1}, nil)
	harness.RequireReason(t, err, transparency.Misuse)
	require.Empty(t, w.called)

	uris, err := w.Session.RouterURIs(uri, nil)
	require.NoError(t, err)
	text := string(uris[0])
	given := wamp.List{uris, wamp.List{uris[0]}, []any{"x", uris[0]}, wamp.Dict{"a": uris[0]}, map[string]any{"a": uris[0]}, "com.other", 1, nil}
	_, err = w.Session.Call(t.Context(), procedure, nil, given, nil, nil)
	require.NoError(t, err)
	require.Equal(t, []wamp.List{{[]string{text}, wamp.List{text}, []any{"x", text}, wamp.Dict{"a": text}, map[string]any{"a": text}, "com.other", 1, nil}}, w.called)
	require.Equal(t, wamp.List{uris[0]}, given[1], "what was given isn't changed")
}

// lateClient tells under which texts something was sent.
type lateClient struct {
	*scripted
	texts chan string
}

func (c *lateClient) Publish(topic string, _ wamp.Dict, _ wamp.List, _ wamp.Dict) error {
	c.texts <- topic
	return nil
}

func (c *lateClient) Call(_ context.Context, procedure string, _ wamp.Dict, _ wamp.List, _ wamp.Dict, _ client.ProgressHandler) (*wamp.Result, error) {
	c.texts <- procedure
	return nil, context.Canceled
}

// TestScrambledMeanwhile: what is being sealed when the ring begins to scramble, or takes a secret
// away, doesn't go as the ring had it before.
func TestScrambledMeanwhile(t *testing.T) {
	uri, secret := below+"x", cryptobox.GenerateScrambleSecret()
	for name, send := range map[string]func(*transparency.Session) error{
		"publish": func(s *transparency.Session) error { return s.Publish(uri, nil, wamp.List{"x"}, nil) },
		"call": func(s *transparency.Session) error {
			_, err := s.Call(t.Context(), uri, nil, wamp.List{"x"}, nil, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			ring, c := harness.ClosedRing(t, harness.NewKeys().OriginatorKey()), &lateClient{&scripted{}, make(chan string, 1)}
			s, err := transparency.Wrap(c, harness.Realm, ring, transparency.WithPadding(func(n int) int {
				require.NoError(t, ring.Scramble(below, secret))
				return n
			}))
			require.NoError(t, err)
			err = send(s)
			select {
			case text := <-c.texts:
				require.Equal(t, scrambling(t, secret, harness.Realm)(uri), text)
			default:
				harness.RequireReason(t, err, transparency.NoKey)
				require.NotErrorIs(t, err, keyring.ErrClosed)
			}
		})
	}
}
