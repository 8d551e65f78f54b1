package transparency_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// decodedBack are values that Decode makes again of what they are sent as.
func decodedBack() []any {
	moment := time.Date(2026, 11, 26, 11, 0, 0, 500_000_000, time.UTC)
	return []any{
		true, 7, int8(-7), uint64(math.MaxUint64), float32(0.1), 0.25, "text", level(3), celsius(21.5), label("x"), time.Second,
		[]byte{0, 1}, blob("x"), digest{1, 2, 3, 4}, []string{"a"}, [2]int{1, 2}, [][]int{{1}, nil, {}}, names{"a"},
		map[string]int{"a": 1}, scores{"a": 1}, map[string][]byte{"a": {1}},
		reading{Sensor: "kitchen", C: 1.5}, &reading{Sensor: "kitchen"}, jsonTagged{Sensor: "kitchen"}, twiceTagged{A: 1, B: 2, C: 3, D: 4},
		embeddedPointer{Extra: 1}, namedEmbedded{Inner{"x"}}, embedded{base: base{ID: "id"}, Name: "n"}, asArray{X: 1, Y: 2, Label: "l"}, []asArray{{X: 1}}, omitAll{}, omitAll{A: 1, D: pointer(0), E: map[string]int{"a": 1}}, struct{}{},
		nested{At: moment, Rows: []reading{{Sensor: "a"}}, ByName: map[string]reading{"x": {}}, Any: "any", Next: &nested{}, Blob: []byte("b"), Hash: digest{1}, F32: 0.1},
		tree{Kids: []tree{{}, {Kids: []tree{{}}}}}, moment, &moment, []time.Time{moment}, open{"x"}, packed{7}, []*packed{{7}, nil},
		netip.MustParseAddr("127.0.0.1"), url.URL{Scheme: "https", Host: "example.com"}, onlyOut(1), map[string]any{"a": "b"}, []any{"a", nil},
		struct{ R json.RawMessage }{json.RawMessage(`{"a":1}`)},
	}
}

// TestDecodeMakesTheSameAgain, of what sealed values and plain ones arrive as.
func TestDecodeMakesTheSameAgain(t *testing.T) {
	r := startRouter(t)
	for _, over := range networks() {
		e := endsOver(t, r, over)
		for _, v := range decodedBack() {
			for _, sent := range []any{e.sealed(t, over, v), e.plainly(t, over, v)} {
				into := reflect.New(reflect.TypeOf(v))
				require.NoError(t, transparency.Decode(sent, into.Interface()), "%s: %T", over.name, v)
				require.Equal(t, v, into.Elem().Interface(), "%s: %#v", over.name, sent)
			}
		}
	}
}

type (
	item struct {
		Price float64 `codec:"price"`
		N     uint8   `json:"n"`
	}
	order struct {
		Items  []item          `codec:"items"`
		ByName map[string]item `codec:"by_name"`
		Secret string          `codec:"-"`
		When   time.Time       `codec:"when"`
		Raw    []byte          `codec:"raw"`
		Hash   [2]byte         `codec:"hash"`
		Pair   [2]int          `codec:"pair"`
		Run    func()          `codec:"run"`
		Addr   netip.Addr      `codec:"addr"`
		Big    *big.Int        `codec:"big"`
		Next   *order          `codec:"next"`
		Err    error           `codec:"err"`
		Keys   map[int]string  `codec:"keys"`
		Bad    *panicking      `codec:"bad"`
		Chan   chan int        `codec:"chan"`
	}
)

// TestDecodeSaysWhere, and nothing of the value.
func TestDecodeSaysWhere(t *testing.T) {
	goods := func(price any) []any {
		return []any{map[string]any{}, map[string]any{"price": 1}, nil, map[string]any{"price": price}}
	}
	for name, c := range map[string]struct {
		v          any
		path, want string
	}{
		"issue":        {[]any{map[string]any{"items": goods(secretWord)}}, "[0].items[3].price", "float64"},
		"second":       {[]any{nil, map[string]any{"items": goods(true)}}, "[1].items[3].price", "float64"},
		"map key":      {[]any{map[string]any{"by_name": map[string]any{secretWord: map[string]any{"n": 256}}}}, "[0].by_name{}.n", "uint8"},
		"negative":     {[]any{map[string]any{"items": []any{map[string]any{"n": int64(-1)}}}}, "[0].items[0].n", "uint8"},
		"fraction":     {[]any{map[string]any{"items": []any{map[string]any{"n": 1.5}}}}, "[0].items[0].n", "uint8"},
		"text number":  {[]any{map[string]any{"items": []any{map[string]any{"n": "1"}}}}, "[0].items[0].n", "uint8"},
		"inexact":      {[]any{map[string]any{"items": goods(int64(1<<53 + 1))}}, "[0].items[3].price", "float64"},
		"time":         {[]any{map[string]any{"when": secretWord}}, "[0].when", "time.Time"},
		"time number":  {[]any{map[string]any{"when": int64(1)}}, "[0].when", "time.Time"},
		"bytes":        {[]any{map[string]any{"raw": secretWord + "!"}}, "[0].raw", "[]uint8"},
		"array":        {[]any{map[string]any{"hash": []byte{1}}}, "[0].hash", "[2]uint8"},
		"short":        {[]any{map[string]any{"pair": []any{1}}}, "[0].pair", "[2]int"},
		"element":      {[]any{map[string]any{"pair": []any{1, "x"}}}, "[0].pair[1]", "int"},
		"own method":   {[]any{map[string]any{"addr": []byte(secretWord)}}, "[0].addr", "netip.Addr"},
		"panic":        {[]any{map[string]any{"next": map[string]any{"big": 1, "bad": []any{}}}}, "[0].next.bad", "transparency_test.panicking"},
		"big":          {[]any{map[string]any{"big": "1"}}, "[0].big", "big.Int"},
		"interface":    {[]any{map[string]any{"err": secretWord}}, "[0].err", "error"},
		"integer keys": {[]any{map[string]any{"keys": map[string]any{"1": "x"}}}, "[0].keys", "map[int]string"},
		"channel":      {[]any{map[string]any{"chan": []any{}}}, "[0].chan", "chan int"},
		"no list":      {map[string]any{}, "", "[]transparency_test.order"},
		"no struct":    {[]any{[]any{}}, "[0]", "transparency_test.order"},
	} {
		t.Run(name, func(t *testing.T) {
			into := []order{{Secret: "stays"}}
			err := transparency.Decode(c.v, &into)
			var where *transparency.DecodeError
			require.ErrorAs(t, err, &where)
			require.Equal(t, c.path, where.Path)
			require.Equal(t, c.want, where.Want)
			require.NotEmpty(t, where.Why)
			require.NotContains(t, err.Error(), secretWord)
			require.Equal(t, []order{{Secret: "stays"}}, into)
		})
	}
	for _, into := range []any{nil, order{}, (*order)(nil), 7} {
		var where *transparency.DecodeError
		require.ErrorAs(t, transparency.Decode(map[string]any{}, into), &where)
	}
	for _, c := range []struct{ v, into any }{{300, new(int8)}, {-129, new(int8)}, {uint64(math.MaxUint64), new(int64)}, {int64(-1), new(uint64)}, {1e300, new(float32)}, {1e300, new(int)}, {math.NaN(), new(int)}, {5, new(string)}, {"5", new(int)}, {1, new(bool)}, {[]byte("x"), new(string)}} {
		require.Error(t, transparency.Decode(c.v, c.into), "%v into %T", c.v, c.into)
	}
	var kwargs order
	err := transparency.Decode(wamp.Dict{"items": goods("x")}, &kwargs)
	require.ErrorContains(t, err, "items[3].price doesn't fit into float64: it is text")
}

// TestDecodeTakesWhatIsThere: names are exact, what is excluded isn't set, and what is
// written anew holds nothing of before.
func TestDecodeTakesWhatIsThere(t *testing.T) {
	into := order{Raw: []byte("before"), Secret: "before"}
	require.NoError(t, transparency.Decode(map[string]any{
		"-": "x", "Secret": "x", "secret": "x", "ITEMS": "x", "unknown": 1, "run": "x", "hash": []byte{1, 2}, "big": new(big.Int).Lsh(big.NewInt(1), 100), "items": []any{map[string]any{"n": 3.0, "price": int64(3)}},
	}, &into))
	require.Equal(t, order{Hash: [2]byte{1, 2}, Big: new(big.Int).Lsh(big.NewInt(1), 100), Items: []item{{Price: 3, N: 3}}}, into)

	var outer embedded
	require.NoError(t, transparency.Decode(map[string]any{"ID": "id", "Name": "n"}, &outer))
	require.Equal(t, embedded{base: base{ID: "id"}, Name: "n"}, outer)
	var inner namedEmbedded
	require.NoError(t, transparency.Decode(map[string]any{"inner": map[string]any{"Sensor": "x"}, "Sensor": "y"}, &inner))
	require.Equal(t, namedEmbedded{Inner{Sensor: "x"}}, inner)

	var p priority
	require.NoError(t, transparency.Decode(int64(1), &p), "as CBOR sends it")
	require.Equal(t, priority(1), p)
	require.Error(t, transparency.Decode("high", &p), "its method takes no text")
}

// TestDecodeIsBounded: a list of nulls takes no more than it may, and what holds itself ends.
func TestDecodeIsBounded(t *testing.T) {
	var where *transparency.DecodeError
	var large [][1 << 20]byte
	require.ErrorAs(t, transparency.Decode(make([]any, 1<<10), &large), &where)
	require.Contains(t, where.Why, "memory")
	require.Nil(t, large)
	var rows []order
	require.ErrorAs(t, transparency.Decode(make([]any, 1<<20), &rows), &where)
	require.Contains(t, where.Why, "memory")

	self := map[string]any{}
	self["next"] = self
	var into order
	require.ErrorAs(t, transparency.Decode(self, &into), &where)
	require.Less(t, len(where.Error()), 400)
	type endless *endless
	var e endless
	require.ErrorAs(t, transparency.Decode(1, &e), &where)
	list := []any{nil}
	list[0] = list
	for _, into := range []any{&into, new(priority), new(selfer), new([]any), new([]priority), new(all)} {
		_ = transparency.Decode(list, into) // comes back
	}
}

// arriving draws what can arrive.
func arriving() *rapid.Generator[any] {
	scalars := rapid.OneOf(
		rapid.Just[any](nil), rapid.Map(rapid.Bool(), func(b bool) any { return b }), rapid.Map(rapid.Int64(), func(i int64) any { return i }), rapid.Map(rapid.Uint64(), func(i uint64) any { return i }),
		rapid.Map(rapid.Float64(), func(f float64) any { return f }), rapid.Map(rapid.String(), func(s string) any { return s }), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) any { return b }),
		rapid.Just[any](math.NaN()), rapid.Just[any](time.Unix(1, 0)), rapid.Just[any](new(big.Int).Lsh(big.NewInt(1), 70)), rapid.Just[any]("2026-11-26T12:00:00Z"), rapid.Just[any]((*big.Int)(nil)), rapid.Just[any]((*int)(nil)), rapid.Just[any](make(chan int)),
	)
	names := rapid.SampledFrom([]string{"items", "by_name", "price", "n", "-", "", "when", "raw", "hash", "pair", "run", "addr", "big", "next", "err", "keys", "bad", "chan", "at", "rows", "kids", "ID", "x"})
	return rapid.Deferred(func() *rapid.Generator[any] {
		return rapid.OneOf(scalars, scalars,
			rapid.Map(rapid.SliceOfN(arriving(), 0, 3), func(l []any) any { return l }),
			rapid.Map(rapid.MapOfN(names, arriving(), 0, 4), func(m map[string]any) any { return m }))
	})
}

// TestDecodeOfAnything returns, with an error of its type or without one, and twice the same.
func TestDecodeOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := arriving().Draw(t, "v")
		for _, into := range []func() any{
			func() any { return new(order) }, func() any { return new([]order) }, func() any { return new(map[string]order) }, func() any { return new(nested) }, func() any { return new(tree) },
			func() any { return new(any) }, func() any { return new(int8) }, func() any { return new(*float32) }, func() any { return new([]byte) }, func() any { return new([]priority) }, func() any { return new(asArray) },
			func() any { return new(open) }, func() any { return new(packed) }, func() any { return new(selfer) }, func() any { return new(all) }, func() any { return new(loop) }, func() any { return new(url.URL) }, func() any { return new(uncomparable) },
		} {
			one, two := into(), into()
			before := reflect.ValueOf(into()).Elem().Interface()
			err := transparency.Decode(v, one)
			again := transparency.Decode(v, two)
			if (err == nil) != (again == nil) {
				t.Fatalf("%v, then %v", err, again)
			}
			var where *transparency.DecodeError
			if err != nil && (!errors.As(err, &where) || !reflect.DeepEqual(before, reflect.ValueOf(one).Elem().Interface())) {
				t.Fatalf("%T: %v", one, err)
			}
		}
	})
}

// TestValuesOfHandlers: results, errors and progress are sealed by the same rules, and what a
// marshaler does there ends nothing.
func TestValuesOfHandlers(t *testing.T) {
	r := startRouter(t)
	k := harness.NewKeys()
	for _, over := range networks() {
		callee, caller := over.session(t, r, harness.RingOf(t, k.ResponderKey())), over.session(t, r, harness.RingOf(t, k.OriginatorKey()))
		procedure := harness.Prefix + over.name
		require.NoError(t, callee.Register(procedure, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			switch inv.Arguments[0] {
			case "panic":
				return client.InvokeResult{Args: wamp.List{&dereferencing{}}}
			case "error":
				return client.InvokeResult{Err: harness.Prefix + "error", Args: wamp.List{reading{Sensor: "e", Secret: secretWord}}}
			}
			if err := callee.SendProgress(ctx, wamp.List{reading{Sensor: "p", Secret: secretWord}}, nil); err != nil {
				return client.InvokeResult{Err: "com.myapp.failed"}
			}
			return client.InvokeResult{Args: wamp.List{reading{Sensor: "r", Secret: secretWord}}}
		}, nil))
		_, err := caller.Call(harness.Timeout(t), procedure, nil, wamp.List{"panic"}, nil, nil)
		require.Error(t, err)
		require.NotContains(t, err.Error(), secretWord)
		_, err = caller.Call(harness.Timeout(t), procedure, nil, wamp.List{"error"}, nil, nil)
		require.Equal(t, wamp.List{map[string]any{"sensor": "e"}}, harness.Raised(t, err).Arguments)
		var progress any
		res, err := caller.Call(harness.Timeout(t), procedure, nil, wamp.List{"ok"}, nil, func(r *wamp.Result) { progress = r.Arguments[0] })
		require.NoError(t, err)
		require.Equal(t, wamp.List{map[string]any{"sensor": "r"}}, res.Arguments)
		require.Equal(t, map[string]any{"sensor": "p"}, progress)
		require.NoError(t, callee.Unregister(procedure))
	}
}

// TestValuesOverAWrappedClient are those that all serializers make the same of, until the
// Session is told which it is.
func TestValuesOverAWrappedClient(t *testing.T) {
	r := startRouter(t)
	k := harness.NewKeys()
	got := events(t, links[1].session(t, r, harness.RingOf(t, k.ResponderKey())), harness.Prefix+"topic", nil)
	wrap := func(opts ...transparency.Option) *transparency.Session {
		s, err := transparency.Wrap(links[1].plain(t, r), harness.Realm, harness.RingOf(t, k.OriginatorKey()), opts...)
		require.NoError(t, err)
		return s
	}
	untold, told := wrap(), wrap(transparency.WithSerialization(client.JSON))
	moment := time.Unix(1_790_000_000, 0).UTC()
	for _, v := range []any{reading{Sensor: "x", C: 1}, []string{"a"}, wamp.Dict{"a": level(1)}, map[any]any{"a": 1}, wamp.List{moment.Unix(), []byte{1}}} {
		for _, s := range []*transparency.Session{untold, told} {
			require.NoError(t, s.Publish(harness.Prefix+"topic", nil, wamp.List{v}, nil), "%T", v)
			harness.Receive(t, got)
		}
	}
	for want, v := range map[any]any{"high": priority(1), moment.Format(time.RFC3339Nano): moment, "AQ==": [1]byte{1}} {
		err := untold.Publish(harness.Prefix+"topic", nil, wamp.List{v}, nil)
		harness.RequireReason(t, err, transparency.Unsealable)
		require.ErrorContains(t, err, "WithSerialization")
		require.NoError(t, told.Publish(harness.Prefix+"topic", nil, wamp.List{v}, nil))
		require.Equal(t, want, harness.Receive(t, got).Arguments[0])
	}
	for _, connect := range []func() (*transparency.Session, error){
		func() (*transparency.Session, error) {
			return transparency.ConnectLocal(r.Router(), harness.Config(client.CBOR), harness.RingOf(t, k.OriginatorKey()), transparency.WithSerialization(client.CBOR))
		},
		func() (*transparency.Session, error) {
			return transparency.Wrap(links[1].plain(t, r), harness.Realm, harness.RingOf(t, k.OriginatorKey()), transparency.WithSerialization(77))
		},
	} {
		_, err := connect()
		require.ErrorIs(t, err, transparency.ErrOption)
	}
}
