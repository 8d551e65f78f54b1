package transparency_test

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/ugorji/go/codec"
)

// Types as applications have them.
type (
	reading struct {
		Sensor string  `codec:"sensor"`
		C      float64 `codec:"c,omitempty"`
		Secret string  `codec:"-"`
	}
	jsonTagged struct {
		Sensor string  `json:"sensor"`
		C      float64 `json:"c,omitempty"`
		Secret string  `json:"-"`
	}
	twiceTagged struct {
		A int `codec:"codec_a" json:"json_a" cbor:"cbor_a"`
		B int `json:"json_b" cbor:"cbor_b"`
		C int `cbor:"cbor_c"`
		D int `codec:",omitempty" json:"json_d"`
	}
	base     struct{ ID, Name string }
	embedded struct {
		base
		Name string
	}
	embeddedPointer struct {
		*reading
		Extra int
	}
	Inner         struct{ Sensor string }
	namedEmbedded struct {
		Inner `codec:"inner"`
	}
	asArray struct {
		//lint:ignore U1000 the codec reads it
		_struct bool `codec:",toarray"` //lint:ignore U1000 codec's own mark
		X, Y    int
		Label   string
	}
	omitAll struct {
		//lint:ignore U1000 the codec reads it
		_struct bool `codec:",omitempty"` //lint:ignore U1000 codec's own mark
		A       int
		B       string
		C       []int
		D       *int
		E       map[string]int
	}
	nested struct {
		At     time.Time          `codec:"at"`
		Rows   []reading          `codec:"rows"`
		ByName map[string]reading `codec:"by_name"`
		Any    any                `codec:"any"`
		Next   *nested            `codec:"next"`
		Blob   []byte             `codec:"blob"`
		Hash   [4]byte            `codec:"hash"`
		F32    float32            `codec:"f32"`
		hidden int
		Run    func() `codec:"run"`
	}
	withChannel struct {
		Rows []withInner `codec:"rows"`
	}
	withInner struct {
		Done chan struct{} `codec:"done"`
	}
	loop struct {
		Name string
		Next *loop
		All  map[string]*loop
	}
	level   int
	celsius float64
	label   string
	flagged bool
	blob    []byte
	digest  [4]byte
	names   []string
	scores  map[label]int
	tree    struct {
		Kids []tree `codec:"kids"`
	}
)

// onlyOut has MarshalJSON alone, which the serializers don't ask for.
type onlyOut int

func (onlyOut) MarshalJSON() ([]byte, error) { return []byte(`"high"`), nil }

// priority writes itself in JSON.
type priority int

func (p priority) MarshalJSON() ([]byte, error) { return []byte(`"high"`), nil }

func (p *priority) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, (*int)(p)) }

// color writes itself as text.
type color struct{ name string }

func (c color) MarshalText() ([]byte, error) { return []byte("color " + c.name), nil }

func (c *color) UnmarshalText(b []byte) error { c.name = string(b); return nil }

// open is color with a field that is seen.
type open struct{ Name string }

func (o open) MarshalText() ([]byte, error) { return []byte("open " + o.Name), nil }

func (o *open) UnmarshalText(b []byte) error {
	o.Name = strings.TrimPrefix(string(b), "open ")
	return nil
}

// packed writes itself in binary formats, by its pointer.
type packed struct{ N int }

func (p *packed) MarshalBinary() ([]byte, error) { return []byte{1, byte(p.N)}, nil }

func (p *packed) UnmarshalBinary(b []byte) error { p.N = int(b[1]); return nil }

// all writes itself in each way.
type all struct{ N int }

func (all) MarshalBinary() ([]byte, error) { return []byte("binary"), nil }
func (all) MarshalText() ([]byte, error)   { return []byte("text"), nil }
func (all) MarshalJSON() ([]byte, error)   { return []byte(`{"as":"json"}`), nil }
func (*all) UnmarshalBinary([]byte) error  { return nil }
func (*all) UnmarshalText([]byte) error    { return nil }
func (*all) UnmarshalJSON([]byte) error    { return nil }

// selfer writes itself by ugorji's own interface.
type selfer struct{ N int }

func (s selfer) CodecEncodeSelf(e *codec.Encoder)  { e.MustEncode([]any{"self", s.N}) }
func (s *selfer) CodecDecodeSelf(d *codec.Decoder) { d.MustDecode(&s.N) }

const secretWord = "swordfish"

// failing returns an error that holds a secret.
type failing struct{ S string }

func (f failing) fail() ([]byte, error)          { return nil, errors.New("can't marshal " + f.S) }
func (f failing) MarshalBinary() ([]byte, error) { return f.fail() }
func (f failing) MarshalText() ([]byte, error)   { return f.fail() }
func (*failing) UnmarshalBinary([]byte) error    { return nil }
func (*failing) UnmarshalText([]byte) error      { return nil }

// panicking panics with a secret.
type panicking struct{ S string }

func (p panicking) MarshalBinary() ([]byte, error) { panic("panic of " + p.S) }
func (p panicking) MarshalText() ([]byte, error)   { panic(errors.New("panic of " + p.S)) }
func (*panicking) UnmarshalBinary([]byte) error    { return nil }
func (*panicking) UnmarshalText([]byte) error      { return nil }

// dereferencing fails by itself where it is nil.
type dereferencing struct{ S *string }

func (d dereferencing) MarshalBinary() ([]byte, error) { return []byte(*d.S), nil }
func (d dereferencing) MarshalText() ([]byte, error)   { return []byte(*d.S), nil }
func (*dereferencing) UnmarshalBinary([]byte) error    { return nil }
func (*dereferencing) UnmarshalText([]byte) error      { return nil }

// uncomparable panics with what can't be compared.
type uncomparable struct{ S []string }

func (u uncomparable) MarshalBinary() ([]byte, error) { panic(u.S) }
func (u uncomparable) MarshalText() ([]byte, error)   { panic(u.S) }
func (*uncomparable) UnmarshalBinary([]byte) error    { return nil }
func (*uncomparable) UnmarshalText([]byte) error      { return nil }
