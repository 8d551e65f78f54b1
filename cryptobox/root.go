package cryptobox

import "github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"

// Entries of a record's root map, in the order in which Autobahn writes them.
const (
	rootURI = iota
	rootArgs
	rootKwargs
	rootBind
)

var rootKeys = codec.NewKeys("uri", "args", "kwargs", "bind")

// recordWriter writes records.
type recordWriter struct {
	codec.Writer
	token [maxToken]byte // room for what a token hides
}

// record writes the root map of rec.
func (w *recordWriter) record(rec *content) error {
	n := rootBind
	if rec.Bind != nil {
		n++
	}
	w.BeginMap(n)
	w.Key(rootKeys, rootURI)
	if err := w.uri(rec.URI); err != nil {
		return codec.At("uri", err)
	}
	w.Key(rootKeys, rootArgs)
	if err := w.List(rec.Args, 1); err != nil {
		return codec.At("args", err)
	}
	w.Key(rootKeys, rootKwargs)
	if err := w.Map(rec.Kwargs, 1); err != nil {
		return codec.At("kwargs", err)
	}
	if rec.Bind != nil {
		w.Key(rootKeys, rootBind)
		if err := w.bind(rec.Bind); err != nil {
			return codec.At("bind", err)
		}
	}
	w.EndMap()
	return nil
}

func (w *recordWriter) uri(uri string) error {
	if uri == "" {
		w.Null()
		return nil
	}
	return w.Text(uri)
}

// opened is a record and its binding, made in one piece.
type opened struct {
	content
	bind   Bind
	record Record
}

// recordReader reads records.
type recordReader struct {
	codec.Decoder
	last last
}

// record reads a root map with nothing behind it.
func (d *recordReader) record() (*Record, error) {
	if err := d.Read(); err != nil {
		return nil, err
	}
	if d.Item.Kind != codec.KindMap {
		return nil, malformed("a record is a map")
	}
	rec := &opened{}
	if err := d.Fields(0, rootKeys, func(name int) error { return d.rootField(rec, name) }); err != nil {
		return nil, err
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	rec.record.content = func() *content { return &rec.content }
	return &rec.record, nil
}

// rootField reads the value that was begun.
func (d *recordReader) rootField(rec *opened, name int) error {
	it := &d.Item
	if name == rootBind {
		if it.Kind != codec.KindMap {
			return malformed("bind is not a map")
		}
		rec.Bind = &rec.bind
		return d.bind(&rec.bind)
	}
	if it.Kind == codec.KindNull {
		return nil
	}
	var err error
	switch name {
	case rootURI:
		if it.Kind != codec.KindText || len(it.B) == 0 {
			return malformed("uri is neither a non-empty string nor null")
		}
		rec.URI, err = d.again(&d.last.uri)
	case rootArgs:
		if it.Kind != codec.KindList {
			return malformed("args is neither a list nor null")
		}
		rec.Args, err = d.List(1)
	case rootKwargs:
		if it.Kind != codec.KindMap {
			return malformed("kwargs is neither a map nor null")
		}
		rec.Kwargs, err = d.Map(1)
	}
	return err
}
