package cryptobox

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
// [ErrTooLarge] beyond [MaxPayload] or [MaxValues].
func (s Serializer) Encode(rec *Record) ([]byte, error) {
	if !s.known() {
		return nil, ErrSerializer
	}
	if rec == nil {
		return nil, &ValueError{Path: "record", Why: "it is nil"}
	}
	w := walker{to: s, left: sealBudget()}
	root, err := w.record(rec)
	if err != nil {
		return nil, err
	}
	data, err := s.write(root, w.sizeHint())
	if err != nil {
		return nil, err
	}
	if rec.Pad != nil {
		if data, err = s.pad(data, rec.Pad); err != nil {
			return nil, err
		}
	}
	if len(data) > MaxPayload {
		return nil, errTooLong
	}
	return data, nil
}

// Decode reads a record. It keeps nothing of data. The root has to be one map,
// untagged, with nothing after it and no key twice anywhere.
//
// Errors: [ErrSerializer], [ErrMalformed], [ErrTooLarge]; the record is then nil.
func (s Serializer) Decode(data []byte) (*Record, error) {
	if !s.known() {
		return nil, ErrSerializer
	}
	if len(data) > MaxPayload {
		return nil, errTooLong
	}
	v, err := s.read(data)
	if err != nil {
		return nil, err
	}
	root, ok := v.(map[string]any)
	if !ok {
		return nil, malformed("a record is a map")
	}
	return recordFrom(root)
}

// member is one entry of the root map. The root is a list of them to keep the
// order that Autobahn writes.
type member struct {
	key   string
	value any // canonical
}

// write serializes the root. All values are canonical and fit the serializer.
func (s Serializer) write(root []member, sizeHint int) ([]byte, error) {
	switch s {
	case JSON:
		return writeJSON(root, sizeHint), nil
	case MessagePack:
		return writeMessagePack(root, sizeHint), nil
	default:
		return writeCBOR(root)
	}
}

// read parses one value with nothing behind it.
func (s Serializer) read(data []byte) (any, error) {
	left := openBudget()
	switch s {
	case JSON:
		return readJSON(data, &left)
	case MessagePack:
		return readMessagePack(data, &left)
	default:
		return readCBOR(data, 0, &left)
	}
}

// record makes the root map of rec, every value canonical.
func (w *walker) record(rec *Record) ([]member, error) {
	root := make([]member, 0, 4)
	var uri, args, kwargs any
	if rec.URI != "" {
		uri = rec.URI
		if err := w.text(rec.URI); err != nil {
			return nil, at("uri", err)
		}
	}
	if rec.Args != nil {
		list, _, err := w.list(rec.Args, 1)
		if err != nil {
			return nil, at("args", err)
		}
		args = list
	}
	if rec.Kwargs != nil {
		object, _, err := w.object(rec.Kwargs, 1)
		if err != nil {
			return nil, at("kwargs", err)
		}
		kwargs = object
	}
	root = append(root, member{"uri", uri}, member{"args", args}, member{"kwargs", kwargs})
	if rec.Bind == nil {
		return root, nil
	}
	bind, err := w.bind(rec.Bind)
	if err != nil {
		return nil, at("bind", err)
	}
	return append(root, member{"bind", bind}), nil
}

// recordFrom picks the record's parts out of a decoded root map.
func recordFrom(root map[string]any) (*Record, error) {
	rec := &Record{}
	var ok bool
	if v := root["uri"]; v != nil {
		if rec.URI, ok = v.(string); !ok || rec.URI == "" {
			return nil, malformed("uri is neither a non-empty string nor null")
		}
	}
	if v := root["args"]; v != nil {
		if rec.Args, ok = v.([]any); !ok {
			return nil, malformed("args is neither a list nor null")
		}
	}
	if v := root["kwargs"]; v != nil {
		if rec.Kwargs, ok = v.(map[string]any); !ok {
			return nil, malformed("kwargs is neither a map nor null")
		}
	}
	if v, present := root["bind"]; present {
		fields, ok := v.(map[string]any)
		if !ok {
			return nil, malformed("bind is not a map")
		}
		bind, err := bindFrom(fields)
		if err != nil {
			return nil, err
		}
		rec.Bind = bind
	}
	return rec, nil
}
