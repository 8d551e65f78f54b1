package transparency_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// value is one that is sent plain and sealed, over each serializer.
type value struct {
	name string
	v    any
	// want is what arrives better than plain, by serializer; nothing where the same arrives.
	want map[serialize.Serialization]any
	// refused are the serializers over which it isn't sealed.
	refused []serialize.Serialization
}

var (
	everywhere = []serialize.Serialization{client.JSON, client.MSGPACK, client.CBOR}
	binaries   = everywhere[1:]
	inJSON     = everywhere[:1]
)

func better(v any, in ...serialize.Serialization) map[serialize.Serialization]any {
	want := map[serialize.Serialization]any{}
	for _, s := range in {
		want[s] = v
	}
	return want
}

func pointer[T any](v T) *T { return &v }

var moment = time.Date(2026, 11, 26, 12, 0, 0, 123_456_000, time.FixedZone("", 3600))

// sameAsPlain are values that arrive as they do in plain.
func sameAsPlain() []value {
	var noReading *reading
	deep := &nested{At: moment, Rows: []reading{{Sensor: "a", C: 1.5}}, ByName: map[string]reading{"x": {}}, Any: label("any"), F32: 0.5}
	return []value{
		{name: "nil", v: nil},
		{name: "true", v: true},
		{name: "int", v: 7},
		{name: "int8", v: int8(-7)},
		{name: "int16", v: int16(math.MinInt16)},
		{name: "int32", v: int32(math.MaxInt32)},
		{name: "int64", v: int64(math.MinInt64)},
		{name: "uint", v: uint(7)},
		{name: "uint8", v: uint8(255)},
		{name: "uint16", v: uint16(65535)},
		{name: "uint32", v: uint32(math.MaxUint32)},
		{name: "uint64", v: uint64(math.MaxUint64)},
		{name: "uintptr", v: uintptr(7)},
		{name: "float64", v: 0.1},
		{name: "whole float64", v: 3.0},
		{name: "float32", v: float32(0.5)},
		{name: "complex that is real", v: complex(2, 0)},
		{name: "string", v: "Grüße, <世界> & \u2028\x00"},
		{name: "text that begins with NUL", v: "\x00abc"},
		{name: "named int", v: level(3)},
		{name: "named float", v: celsius(21.5)},
		{name: "named string", v: label("x")},
		{name: "named bool", v: flagged(true)},
		{name: "rune", v: 'ä'},
		{name: "duration", v: time.Second},
		{name: "month, a Stringer", v: time.May},
		{name: "wamp.URI", v: wamp.URI("com.x")},
		{name: "wamp.ID", v: wamp.ID(1 << 53)},
		{name: "wamp.List", v: wamp.List{1, wamp.Dict{"a": label("b")}, wamp.List(nil)}},
		{name: "wamp.Dict", v: wamp.Dict{"a": wamp.List{level(1)}, "b": reading{Sensor: "x"}}},
		{name: "nil wamp.Dict", v: wamp.Dict(nil)},
		{name: "list", v: []any{1, "a", nil, []any{}, map[string]any{}}},
		{name: "nil list", v: []any(nil)},
		{name: "nil map", v: map[string]any(nil)},
		{name: "nil bytes", v: []byte(nil)},
		{name: "strings", v: []string{"a", ""}},
		{name: "ints", v: []int{1, -2}},
		{name: "floats", v: []float64{1, 2.5}},
		{name: "named list", v: names{"a"}},
		{name: "nil named list", v: names(nil)},
		{name: "array", v: [2]int{1, 2}},
		{name: "array of strings", v: [2]string{"a", "b"}},
		{name: "lists of lists", v: [][]int{{1}, nil, {}}},
		{name: "map of ints", v: map[string]int{"a": 1}},
		{name: "map of maps", v: map[string]map[string]bool{"a": {"b": true}}},
		{name: "map with named keys", v: scores{"a": 1}},
		{name: "map[any]any", v: map[any]any{"a": 1, label("b"): []int{2}}},
		{name: "map in map[any]any", v: map[any]any{"a": map[any]any{"b": nil}}},
		{name: "struct by codec", v: reading{Sensor: "kitchen", Secret: secretWord}},
		{name: "pointer to struct", v: &reading{Sensor: "kitchen", C: 21.5}},
		{name: "struct by json", v: jsonTagged{Sensor: "kitchen", Secret: secretWord}},
		{name: "struct with many tags", v: twiceTagged{A: 1, B: 2, C: 3}},
		{name: "embedded struct", v: embedded{base: base{"id", "inner"}, Name: "outer"}},
		{name: "embedded pointer", v: embeddedPointer{Extra: 1}},
		{name: "embedded and named", v: namedEmbedded{Inner{Sensor: "x"}}},
		{name: "struct as array", v: asArray{X: 1, Y: 2, Label: "l"}},
		{name: "list of structs as arrays", v: []asArray{{X: 1}, {Y: 2}}},
		{name: "struct without what is empty", v: omitAll{}},
		{name: "struct with all", v: omitAll{A: 1, B: "b", C: []int{1}, D: new(int), E: map[string]int{"a": 1}}},
		{name: "empty struct", v: struct{}{}},
		{name: "anonymous struct", v: struct{ A, b int }{1, 2}},
		{name: "nested structs", v: nested{Next: deep, Blob: []byte("b"), Hash: digest{1}, hidden: 1}},
		{name: "structs", v: []reading{{Sensor: "a"}, {Sensor: "b", C: 1}}},
		{name: "structs by name", v: map[string]*reading{"a": {Sensor: "a"}, "none": nil}},
		{name: "tree", v: tree{Kids: []tree{{}, {Kids: []tree{{}}}}}},
		{name: "typed nil pointer", v: noReading},
		{name: "nil pointer to what marshals itself", v: (*color)(nil)},
		{name: "pointer to pointer", v: pointer(pointer(7))},
		{name: "pointer to any", v: pointer(any([]int{1}))},
		{name: "nil func", v: (func())(nil)},
		{name: "nil channel", v: (chan int)(nil)},
		{name: "time", v: moment},
		{name: "time in whole seconds", v: moment.Truncate(time.Second)},
		{name: "pointer to time", v: &moment},
		{name: "nil pointer to time", v: (*time.Time)(nil)},
		{name: "zero time", v: time.Time{}},
		{name: "times", v: []time.Time{moment, {}}},
		{name: "times by name", v: map[string]time.Time{"a": moment}},
		{name: "time in any", v: []any{moment, map[string]any{"at": moment}}},
		{name: "time before 1970", v: time.Unix(-1_790_000_000, 500_000_000)},
		{name: "MarshalJSON without UnmarshalJSON", v: onlyOut(1)},
		{name: "MarshalJSON", v: priority(1)},
		{name: "MarshalJSON in lists and maps", v: map[string]any{"a": []priority{1}, "b": &[]priority{2}[0]}},
		{name: "MarshalText", v: open{"x"}},
		{name: "MarshalText in map keys", v: map[open]int{}},
		{name: "MarshalBinary of a pointer", v: packed{7}},
		{name: "MarshalBinary in a list", v: []*packed{{7}, nil}},
		{name: "all methods", v: all{}},
		{name: "all methods, in a struct", v: struct{ A any }{all{}}},
		{name: "codec.Selfer", v: selfer{3}},
		{name: "codec.Selfer in a map", v: map[string]selfer{"a": {3}}},
		{name: "netip.Addr", v: netip.MustParseAddr("127.0.0.1")},
		{name: "url.URL", v: url.URL{Scheme: "https", Host: "example.com"}},
		{name: "json.RawMessage", v: json.RawMessage(`{"a":1,"b":[true,null]}`)},
		{name: "nil json.RawMessage", v: json.RawMessage(nil)},
		{name: "json.RawMessage in a struct", v: struct{ R json.RawMessage }{json.RawMessage(`{"a":1}`)}},
		{name: "json.Number", v: json.Number("12.5")},
		{name: "bytes in a struct", v: struct{ B []byte }{[]byte{0, 1}}},
		{name: "NaN in a struct", v: struct{ F float64 }{math.NaN()}},
		{name: "float32 in a struct", v: struct{ F float32 }{0.1}},
		{name: "large whole float in a struct", v: struct{ F float64 }{1e17}},
		{name: "byte array", v: digest{1, 2, 3, 4}},
		{name: "named bytes", v: blob("x")},
		{name: "list of bytes", v: [][]byte{{1}, nil, {}}},
		{name: "map of bytes", v: map[string][]byte{"a": {1}}},
		{name: "bytes as keys", v: map[[2]byte]int{}},
	}
}

// unlikePlain are values that arrive better, or aren't sealed.
func unlikePlain() []value {
	huge := new(big.Int).Lsh(big.NewInt(1), 100)
	self := &loop{Name: secretWord}
	self.Next = self
	list := []any{nil}
	list[0] = list
	byName := &loop{All: map[string]*loop{}}
	byName.All[secretWord] = byName
	var cycle any
	cycle = &cycle
	return []value{
		{name: "bytes", v: []byte{0, 1, 255}, want: better([]byte{0, 1, 255}, client.JSON)},
		{name: "BinaryData", v: serialize.BinaryData{0, 1, 255}, want: better([]byte{0, 1, 255}, client.JSON)},
		{name: "large whole float", v: 1e17, want: better(1e17, client.JSON)},
		{name: "NaN", v: math.NaN(), want: better(math.NaN(), client.JSON)},
		{name: "infinity", v: math.Inf(-1), want: better(math.Inf(-1), client.JSON)},
		{name: "float32 with a fraction", v: float32(0.1), want: better(float64(float32(0.1)), client.JSON)},
		{name: "big.Int", v: huge, want: better(huge, everywhere...)},
		{name: "small big.Int", v: big.NewInt(7), want: better(int64(7), everywhere...)},

		{name: "big.Int in a struct", v: struct{ N *big.Int }{big.NewInt(7)}, refused: binaries},
		{name: "big.Float", v: big.NewFloat(1.5), refused: binaries},
		{name: "big.Rat in a list", v: []any{big.NewRat(1, 3)}, refused: binaries},
		{name: "text of its own alone", v: color{"red"}, refused: binaries},
		{name: "complex", v: complex(1, 2), refused: everywhere},
		{name: "channel", v: make(chan int, 1), refused: everywhere},
		{name: "channel in structs", v: withChannel{Rows: []withInner{{}, {Done: make(chan struct{})}}}, refused: everywhere},
		{name: "func", v: func() {}, refused: everywhere},
		{name: "funcs", v: []func(){nil, func() {}}, refused: everywhere},
		{name: "struct that holds itself", v: self, refused: everywhere},
		{name: "map that holds itself", v: byName, refused: everywhere},
		{name: "list that holds itself", v: list, refused: everywhere},
		{name: "pointer to itself", v: cycle, refused: everywhere},
		{name: "text that isn't UTF-8", v: secretWord + "\xff", refused: everywhere},
		{name: "text that isn't UTF-8, in a struct", v: struct{ S string }{secretWord + "\xff"}, refused: binaries},
		{name: "codec.Raw", v: codec.Raw(secretWord), refused: everywhere},
		{name: "codec.RawExt", v: codec.RawExt{Tag: 77, Value: secretWord}, refused: binaries},
		{name: "json.RawMessage that isn't JSON", v: json.RawMessage(`{"` + secretWord), refused: inJSON},
		{name: "json.RawMessage of two values", v: json.RawMessage(`"` + secretWord + `",1`), refused: inJSON},
		{name: "map with integer keys", v: map[int]string{1: secretWord}, refused: everywhere},
		{name: "map[any]any with an integer key", v: map[any]any{1: secretWord}, refused: everywhere},
		{name: "marshaler that fails", v: failing{secretWord}, refused: everywhere},
		{name: "marshaler that fails, in a list", v: []any{[]failing{{secretWord}}}, refused: everywhere},
		{name: "marshaler that panics", v: panicking{secretWord}, refused: everywhere},
		{name: "marshaler that dereferences nil", v: &dereferencing{}, refused: everywhere},
		{name: "marshaler that panics with what can't be compared", v: uncomparable{[]string{secretWord}}, refused: everywhere},
		{name: "private key", v: cryptobox.GenerateKey(), refused: everywhere},
		{name: "private key in a struct", v: struct{ K any }{cryptobox.GenerateKey()}, refused: everywhere},
		{name: "record", v: cryptobox.NewRecord(cryptobox.Head{}, "r", "u", nil, nil), refused: everywhere},
		{name: "year 10000", v: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), refused: binaries},
	}
}

// ends are two clients of nexus for plain values, and two Sessions for sealed ones.
type ends struct {
	sealing     *transparency.Session
	plain       *client.Client
	got, opened <-chan *wamp.Event
}

func endsOver(t *testing.T, r *testrouter.Router, over link) *ends {
	t.Helper()
	k := harness.NewKeys()
	e := &ends{plain: over.plain(t, r), sealing: over.session(t, r, harness.RingOf(t, k.OriginatorKey()))}
	e.got = events(t, over.plain(t, r), "com.plain."+over.name, nil)
	e.opened = events(t, over.session(t, r, harness.RingOf(t, k.ResponderKey())), harness.Prefix+over.name, nil)
	return e
}

// plainly sends v plain, and returns what arrives.
func (e *ends) plainly(t *testing.T, over link, v any) any {
	t.Helper()
	require.NoError(t, e.plain.Publish("com.plain."+over.name, nil, wamp.List{v}, wamp.Dict{"v": v}))
	ev := harness.Receive(t, e.got)
	requireSameValue(t, ev.Arguments[0], ev.ArgumentsKw["v"])
	return ev.Arguments[0]
}

// sealed does so sealed.
func (e *ends) sealed(t *testing.T, over link, v any) any {
	t.Helper()
	require.NoError(t, e.sealing.Publish(harness.Prefix+over.name, nil, wamp.List{v}, wamp.Dict{"v": v}))
	ev := harness.Receive(t, e.opened)
	_, ok := transparency.InfoFrom(ev.Details)
	require.True(t, ok)
	requireSameValue(t, ev.Arguments[0], ev.ArgumentsKw["v"])
	return ev.Arguments[0]
}

// byValue makes one of what counts as one: integers of all types, times to the microsecond.
func byValue(v any) any {
	switch t := v.(type) {
	case []any:
		list := make([]any, len(t))
		for i := range t {
			list[i] = byValue(t[i])
		}
		return list
	case map[string]any:
		dict := map[string]any{}
		for k := range t {
			dict[k] = byValue(t[k])
		}
		return dict
	case int64:
		return fmt.Sprintf("integer %d", t)
	case uint64:
		return fmt.Sprintf("integer %d", t)
	case *big.Int:
		return "integer " + t.String()
	case float64:
		return fmt.Sprintf("float %v", t)
	case time.Time:
		return "time " + t.UTC().Round(time.Microsecond).Format(time.RFC3339Nano)
	}
	return v
}

func requireSameValue(t *testing.T, want, got any) {
	t.Helper()
	require.Equal(t, byValue(want), byValue(got))
}

// TestSealedValuesArriveAsPlainOnes, where both ends have the sender's serializer.
func TestSealedValuesArriveAsPlainOnes(t *testing.T) {
	r := startRouter(t)
	for _, over := range networks() {
		e := endsOver(t, r, over)
		for _, v := range append(sameAsPlain(), unlikePlain()...) {
			t.Run(over.name+"/"+v.name, func(t *testing.T) {
				if slices.Contains(v.refused, over.serialization) {
					e.requireUnsealable(t, over, v.v)
					return
				}
				want, isBetter := v.want[over.serialization]
				if !isBetter {
					want = e.plainly(t, over, v.v)
				}
				requireSameValue(t, want, e.sealed(t, over, v.v))
			})
		}
	}
}

// requireUnsealable by an error that shows where, but nothing of the value, and after which
// the Session goes on.
func (e *ends) requireUnsealable(t *testing.T, over link, v any) {
	t.Helper()
	err := e.sealing.Publish(harness.Prefix+over.name, nil, wamp.List{1, v}, nil)
	harness.RequireReason(t, err, transparency.Unsealable)
	var where *cryptobox.ValueError
	require.ErrorAs(t, err, &where)
	require.Regexp(t, `^args\[1\]`, where.Path)
	require.NotEmpty(t, where.Type)
	require.NotContains(t, err.Error(), secretWord)
	requireSameValue(t, "on", e.sealed(t, over, "on"))
}

func networks() []link { return []link{links[1], links[3], links[5]} }

type extended struct{ S string }

// TestExtensionsAreNotSealed: those of MessagePack that an application has registered.
func TestExtensionsAreNotSealed(t *testing.T) {
	serialize.InitMsgpackHandle()
	defer serialize.InitMsgpackHandle()
	require.NoError(t, serialize.MsgpackRegisterExtension(reflect.TypeFor[extended](), 42,
		func(reflect.Value) ([]byte, error) { return []byte(secretWord), nil },
		func(v reflect.Value, b []byte) error { v.Elem().Field(0).SetString(string(b)); return nil }))
	e := endsOver(t, startRouter(t), links[3])
	for _, v := range []any{extended{secretWord}, []extended{{secretWord}}, map[string]any{"a": &extended{secretWord}}} {
		e.requireUnsealable(t, links[3], v)
	}
}

// TestTooLargeValues are found before they are written out: what serializers write by
// reflection counts too.
func TestTooLargeValues(t *testing.T) {
	fan := &tree{}
	for range 40 {
		fan = &tree{Kids: []tree{*fan, *fan}}
	}
	for _, over := range networks() {
		e := endsOver(t, startRouter(t), over)
		for name, v := range map[string]any{
			"doubling structs": fan, "array of nothing": [math.MaxInt32]struct{}{}, "array in a struct": struct{ A [math.MaxInt32]struct{} }{},
			"bytes in a struct": struct{ B []byte }{make([]byte, cryptobox.MaxPayload+1)}, "numbers": make([]int, cryptobox.MaxValues+1), "text": []string{string(make([]byte, cryptobox.MaxPayload+1))},
		} {
			err := e.sealing.Publish(harness.Prefix+over.name, nil, wamp.List{v}, nil)
			harness.RequireReason(t, err, transparency.TooLarge)
			require.Contains(t, err.Error(), "too large", name)
		}
		deep := &loop{}
		for range 1000 {
			deep = &loop{Next: deep}
		}
		e.requireUnsealable(t, over, deep)
	}
}
