package cryptobox

import (
	"fmt"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// ForeignRecord is what is sealed in the dialects that aren't ours, [Autobahn] and
// [Passthru]: a map of "uri", "args" and "kwargs", in JSON for Autobahn, in CBOR for
// payload passthru mode. All three are written, as null where they are absent; they may be
// missing on arrival, and other keys are ignored. It is made by [NewForeignRecord].
//
// It prints and marshals like a [Record]: not at all.
type ForeignRecord struct {
	redacted[ForeignRecord]
	content func() *foreignContent // nil is an empty one

	// Form, if not nil, is asked for what isn't sealed as it is, as that of a [Record] is.
	Form func(v any) (any, error)
}

type foreignContent struct {
	URI    string
	Args   []any
	Kwargs map[string]any
	memory int
}

// NewForeignRecord makes a record of the topic, procedure or error URI that it is sealed for,
// "" if there is none, and of args and kwargs: nil ones are absent, empty ones stay empty.
// The record keeps both.
func NewForeignRecord(uri string, args []any, kwargs map[string]any) *ForeignRecord {
	c := &foreignContent{URI: uri, Args: args, Kwargs: kwargs}
	return &ForeignRecord{content: func() *foreignContent { return c }}
}

// get gives the content, never nil.
func (r *ForeignRecord) get() *foreignContent {
	if r.content == nil {
		return new(foreignContent)
	}
	return r.content()
}

// URI is the topic, procedure or error URI, "" if it is absent.
func (r *ForeignRecord) URI() string { return r.get().URI }

// Args is the list of arguments itself, nil if it is absent.
func (r *ForeignRecord) Args() []any { return r.get().Args }

// Kwargs is the map of arguments itself, nil if it is absent.
func (r *ForeignRecord) Kwargs() map[string]any { return r.get().Kwargs }

// Memory is how many bytes of memory the values of a record take that was opened; 0 for one
// that was made.
func (r *ForeignRecord) Memory() int { return r.get().memory }

// MostMemory is an upper bound of [ForeignRecord.Memory] for a payload of size bytes.
func MostMemory(size int) int { return codec.MostMemory(size) }

// format is that of a foreign dialect's records.
func (d Dialect) format() (codec.Format, error) {
	switch d {
	case Autobahn:
		return codec.FormatJSON, nil
	case Passthru:
		return codec.FormatCBOR, nil
	}
	return 0, fmt.Errorf("%w: %v has no such records", ErrDialect, d)
}

// SealForeign seals a record as a foreign dialect has it, and returns the payload and the
// Token that stands for it. rec is neither changed nor kept.
//
// Errors: [ErrKey] without a Cipher and [ErrDialect]; a [*ValueError] for what can't be
// sealed; [ErrTooLarge]; and those of the Cipher. All else is zero then.
func SealForeign(c Cipher, d Dialect, rec *ForeignRecord) ([]byte, Token, error) {
	f, err := d.format()
	if err != nil {
		return nil, Token{}, err
	}
	if c == nil {
		return nil, Token{}, fmt.Errorf("%w: no Cipher", ErrKey)
	}
	ws := newWorkspace()
	defer ws.release()
	if err := ws.encode(f, rec); err != nil {
		return nil, Token{}, err
	}
	payload, err := c.seal(systemRandom(), nil, ws.plaintext)
	if err != nil {
		return nil, Token{}, err
	}
	return payload, c.token(payload), nil
}

// OpenForeign opens what [SealForeign] made, here or at the other end, or another program
// that speaks the dialect. payload is neither changed nor kept.
//
// Errors: [ErrKey] without a Cipher and [ErrDialect]; [ErrOpen]; then [ErrMalformed] and
// [ErrTooLarge], which come after authentication: such a payload was sealed by a holder of
// the key. All else is zero then.
func OpenForeign(c Cipher, d Dialect, payload []byte) (*ForeignRecord, Token, error) {
	f, err := d.format()
	if err != nil {
		return nil, Token{}, err
	}
	if c == nil {
		return nil, Token{}, fmt.Errorf("%w: no Cipher", ErrKey)
	}
	ws := newWorkspace()
	defer ws.release()
	plaintext, err := c.open(ws.plaintext, payload)
	if err != nil {
		return nil, Token{}, err
	}
	ws.plaintext = plaintext
	ws.reader.Reset(f, plaintext)
	defer ws.reader.Release()
	rec, err := ws.reader.record()
	if err != nil {
		return nil, Token{}, err
	}
	return rec, c.token(payload), nil
}

// encode serializes rec into the workspace.
func (ws *workspace) encode(f codec.Format, rec *ForeignRecord) error {
	if rec == nil {
		return &ValueError{Path: "record", Why: "it is nil"}
	}
	content := rec.get()
	ws.writer.Reset(f, slices.Grow(ws.plaintext, roomFor(f, content)))
	// Also after an error, or a panic of Form, there is something to wipe.
	defer func() { ws.plaintext = ws.writer.Release() }()
	if err := ws.writer.record(content, rec.Form); err != nil {
		return err
	}
	return ws.writer.End()
}

// Entries of a foreign record's map, in the order in which Autobahn writes them.
const (
	foreignURI = iota
	foreignArgs
	foreignKwargs
)

var foreignKeys = codec.NewKeys("uri", "args", "kwargs")

// foreignWriter writes foreign records.
type foreignWriter struct{ codec.Writer }

func (w *foreignWriter) record(rec *foreignContent, form codec.Form) error {
	w.BeginMap(len([...]int{foreignURI, foreignArgs, foreignKwargs}))
	w.Key(foreignKeys, foreignURI)
	if rec.URI == "" {
		w.Null()
	} else if err := w.Text(rec.URI); err != nil {
		return codec.At("uri", err)
	}
	w.Key(foreignKeys, foreignArgs)
	if err := w.List(rec.Args, 1, form); err != nil {
		return codec.At("args", err)
	}
	w.Key(foreignKeys, foreignKwargs)
	if err := w.Map(rec.Kwargs, 1, form); err != nil {
		return codec.At("kwargs", err)
	}
	w.EndMap()
	return nil
}

// foreignReader reads foreign records.
type foreignReader struct{ codec.Decoder }

// record reads a map with nothing behind it.
func (d *foreignReader) record() (*ForeignRecord, error) {
	if err := d.Read(); err != nil {
		return nil, err
	}
	if d.Item.Kind != codec.KindMap {
		return nil, malformed("a record is a map")
	}
	rec := new(foreignContent)
	if err := d.Fields(0, foreignKeys, func(name int) error { return d.field(rec, name) }); err != nil {
		return nil, err
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	rec.memory = d.Memory()
	return &ForeignRecord{content: func() *foreignContent { return rec }}, nil
}

// field reads the value that was begun.
func (d *foreignReader) field(rec *foreignContent, name int) (err error) {
	it := &d.Item
	if it.Kind == codec.KindNull {
		return nil
	}
	switch name {
	case foreignURI:
		if it.Kind != codec.KindText || len(it.B) == 0 {
			return malformed("uri is neither a non-empty string nor null")
		}
		rec.URI, err = d.Text()
	case foreignArgs:
		if it.Kind != codec.KindList {
			return malformed("args is neither a list nor null")
		}
		rec.Args, err = d.List(1)
	case foreignKwargs:
		if it.Kind != codec.KindMap {
			return malformed("kwargs is neither a map nor null")
		}
		rec.Kwargs, err = d.Map(1)
	}
	return err
}
