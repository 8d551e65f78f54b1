package cryptobox

import "bytes"

// Record is what gets sealed: a WAMP payload and what ties it to its place. It is
// made by [NewRecord].
//
// On the wire it is one map with the keys "uri" (string), "args" (list),
// "kwargs" (map) and "bind" (map). The first three are always written, as null
// where they are absent; they may be missing on arrival. Other keys, among
// them "pad", are ignored.
//
// Values may be what the package comment lists under "Values"; they arrive in
// the canonical Go types named there.
//
// It prints as its type's name with every verb, and refuses to be marshalled. In
// an unexported field of another struct too it shows no plaintext: that is why
// what is in it is reached by methods.
type Record struct {
	redacted[Record]
	content func() *content // nil is an empty one

	// Pad, if not nil, has Encode add bytes that every reader ignores: it is given
	// the least size in bytes that the record can have with padding, and returns
	// the size to have, at least that much; beyond [MaxPayload] it is cut. See
	// [Padme]. Decode leaves it nil.
	Pad func(size int) int
}

// content is a record as it is written and read.
type content struct {
	URI    string
	Args   []any
	Kwargs map[string]any
	Bind   *Bind
}

// NewRecord makes a record of the topic, procedure or error URI that it is sealed
// for, "" if there is none, of args and kwargs, of which nil is absent and an empty
// one stays an empty one, and of the binding, nil if there is none. It keeps them.
func NewRecord(uri string, args []any, kwargs map[string]any, bind *Bind) *Record {
	c := &content{URI: uri, Args: args, Kwargs: kwargs, Bind: bind}
	return &Record{content: func() *content { return c }}
}

// get gives the content, never nil.
func (r *Record) get() *content {
	if r.content == nil {
		return new(content)
	}
	return r.content()
}

// URI is the topic, procedure or error URI, "" if it is absent.
func (r *Record) URI() string { return r.get().URI }

// Args is the list of arguments itself, nil if it is absent.
func (r *Record) Args() []any { return r.get().Args }

// Kwargs is the map of arguments itself, nil if it is absent.
func (r *Record) Kwargs() map[string]any { return r.get().Kwargs }

// Bind is the binding itself, nil if it is absent.
func (r *Record) Bind() *Bind { return r.get().Bind }

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
