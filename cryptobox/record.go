package cryptobox

import "bytes"

// Record is what gets sealed: a WAMP payload and what ties it to its place.
//
// On the wire it is one map with the keys "uri" (string), "args" (list),
// "kwargs" (map) and "bind" (map). The first three are always written, as null
// where they are absent; they may be missing on arrival. Other keys, among
// them "pad", are ignored.
//
// Values may be what the package comment lists under "Values"; they arrive in
// the canonical Go types named there.
//
// A Record prints its sizes only and refuses to be marshalled. (Verbs that fit
// no value, such as %p, make fmt print the plain fields; go vet reports them.)
type Record struct {
	URI    string         // topic, procedure or error URI it was sealed for; "" is absent
	Args   []any          // nil is absent; an empty list stays an empty list
	Kwargs map[string]any // nil is absent; an empty map stays an empty map
	Bind   *Bind          // nil is absent

	// Pad, if not nil, has Encode add bytes that every reader ignores: it is given
	// the least size in bytes that the record can have with padding, and returns
	// the size to have, at least that much; beyond [MaxPayload] it is cut. See
	// [Padme]. Decode leaves it nil.
	Pad func(size int) int
}

// Serializer is how a record becomes bytes, by its WAMP name. The zero value
// is refused.
type Serializer string

// The serializers. JSON is what Autobahn's cryptobox uses.
const (
	JSON        Serializer = "json"    // RFC 8259; bytes as in the WAMP specification: "\u0000" and base64
	MessagePack Serializer = "msgpack" // the MessagePack specification, with str and bin types
	CBOR        Serializer = "cbor"    // RFC 8949
)

// ParseSerializer returns the serializer of that WAMP name: "json", "msgpack"
// or "cbor". Any other is [ErrSerializer].
func ParseSerializer(name string) (Serializer, error) {
	s := Serializer(name)
	if !s.known() {
		return "", ErrSerializer
	}
	return s, nil
}

func (s Serializer) known() bool { return s == JSON || s == MessagePack || s == CBOR }

// Encode serializes rec, which it neither changes nor keeps. The order of map
// entries is not fixed.
//
// Errors: [ErrSerializer]; a *ValueError for what can't be sealed; [ErrPadding];
// [ErrTooLarge] beyond [MaxPayload] or [MaxValues], or for what [Serializer.Decode]
// would refuse because of the memory that it takes.
func (s Serializer) Encode(rec *Record) ([]byte, error) {
	ws := newWorkspace()
	defer ws.release()
	if err := ws.encode(s, rec); err != nil {
		return nil, err
	}
	return bytes.Clone(ws.plaintext), nil
}

// Decode reads a record. It keeps nothing of data. The root has to be one map,
// untagged, with nothing after it and no key twice anywhere.
//
// Errors: [ErrSerializer], [ErrMalformed], [ErrTooLarge]; the record is then nil.
func (s Serializer) Decode(data []byte) (*Record, error) {
	ws := newWorkspace()
	defer ws.release()
	return ws.decode(s, data)
}
