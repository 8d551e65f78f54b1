package transparency_test

import (
	"os"
	"os/exec"
	"reflect"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// quote is one pointer wide, what it points to begins with a pointer, and it writes itself.
type quote struct{ text *string }

func (q quote) MarshalBinary() ([]byte, error)   { return []byte(*q.text), nil }
func (q *quote) UnmarshalBinary(b []byte) error  { s := string(b); q.text = &s; return nil }
func (q quote) MarshalText() ([]byte, error)     { return q.MarshalBinary() }
func (q *quote) UnmarshalText(text []byte) error { return q.UnmarshalBinary(text) }

// headers is a map that writes itself.
type headers map[string]string

func (h headers) MarshalBinary() ([]byte, error) { return []byte(h["a"]), nil }
func (h *headers) UnmarshalBinary([]byte) error  { return nil }
func (h headers) MarshalText() ([]byte, error)   { return h.MarshalBinary() }
func (h *headers) UnmarshalText([]byte) error    { return nil }

const quoted = "a text of some length, whose bytes are taken for a string's head"

// pointerWide are values that ugorji's codec misreads in an interface.
func pointerWide() []any {
	text := quoted
	q := quote{&text}
	return []any{q, struct{ Q quote }{q}, [1]quote{q}, [1]struct{ Q quote }{{q}}, [1]*string{&text}, headers{"a": quoted}, struct{ H headers }{headers{"a": quoted}}}
}

// TestPointerWideValues arrive, plain and sealed, and are refused where they stand in an
// interface that the serializer looks into. It runs in a process of its own, as what is
// wrong here ends that.
func TestPointerWideValues(t *testing.T) {
	const inside = "WAMPBOX_POINTER_WIDE"
	if os.Getenv(inside) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestPointerWideValues$", "-test.v")
		cmd.Env = append(os.Environ(), inside+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%.2000s", out)
		require.Contains(t, string(out), "--- PASS: TestPointerWideValues")
		return
	}
	r := startRouter(t)
	for _, over := range networks() {
		e := endsOver(t, r, over)
		ring := keyring.New()
		require.NoError(t, ring.SetPlain(keyring.Prefix("com.plain.")))
		plain := over.session(t, r, ring)
		for _, v := range pointerWide() {
			p := reflect.New(reflect.TypeOf(v))
			p.Elem().Set(reflect.ValueOf(v))
			want := e.plainly(t, over, p.Interface())
			requireSameValue(t, want, e.sealed(t, over, v))
			requireSameValue(t, []any{want}, e.sealed(t, over, []any{v}))
			requireSameValue(t, want, sentBy(t, plain, e, over, v))
			for _, holder := range []any{struct{ A any }{v}, struct {
				L []any
				N int
			}{L: []any{v}}, map[string][]any{"a": {v}}} {
				e.requireUnsealable(t, over, holder)
				// Nexus's own MessagePack, and arrays, are as they are with nexus alone.
				if over.serialization != client.MSGPACK && reflect.TypeOf(v).Kind() != reflect.Array {
					sentBy(t, plain, e, over, holder)
				}
			}
		}
		text := quoted
		requireSameValue(t, map[string]any{"A": map[string]any{"N": quoted}}, e.sealed(t, over, struct{ A any }{struct{ N *string }{&text}}))
		requireSameValue(t, map[string]any{"A": map[string]any{"a": "b"}}, e.sealed(t, over, struct{ A any }{map[string]string{"a": "b"}}))
	}
}

// sentBy sends v plain by s, and returns what arrives.
func sentBy(t *testing.T, s *transparency.Session, e *ends, over link, v any) any {
	t.Helper()
	require.NoError(t, s.Publish("com.plain."+over.name, nil, wamp.List{v}, nil))
	return harness.Receive(t, e.got).Arguments[0]
}
