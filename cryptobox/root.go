package cryptobox

// Entries of a record's root map, in the order in which Autobahn writes them.
const (
	rootURI = iota
	rootArgs
	rootKwargs
	rootBind
)

var rootNames = []string{"uri", "args", "kwargs", "bind"}

// record writes the root map of rec.
func (w *writer) record(rec *Record) error {
	n := len(rootNames)
	if rec.Bind == nil {
		n--
	}
	w.dst = w.format.object(w.dst, n)
	w.rootKey(rootURI)
	if err := w.uri(rec.URI); err != nil {
		return at("uri", err)
	}
	w.rootKey(rootArgs)
	if err := w.list(rec.Args, 1); err != nil {
		return at("args", err)
	}
	w.rootKey(rootKwargs)
	if err := w.object(rec.Kwargs, 1); err != nil {
		return at("kwargs", err)
	}
	if rec.Bind != nil {
		w.rootKey(rootBind)
		if err := w.bind(rec.Bind); err != nil {
			return at("bind", err)
		}
	}
	w.dst = w.format.endObject(w.dst)
	return nil
}

func (w *writer) rootKey(i int) { w.dst = append(w.dst, w.keys.root[i]...) }

func (w *writer) uri(uri string) error {
	if uri == "" {
		w.null()
		return nil
	}
	return w.text(uri)
}

// opened is a record and its binding, made in one piece.
type opened struct {
	Record
	bind Bind
}

// record reads a root map with nothing behind it.
func (d *decoder) record() (*Record, error) {
	if err := d.read(&d.it); err != nil {
		return nil, err
	}
	if d.it.kind != itemMap {
		return nil, malformed("a record is a map")
	}
	rec := &opened{}
	if err := d.fields(0, rootNames, func(name int) error { return d.rootField(rec, name) }); err != nil {
		return nil, err
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	return &rec.Record, nil
}

// rootField reads the value that was begun.
func (d *decoder) rootField(rec *opened, name int) error {
	it := &d.it
	if name == rootBind {
		if it.kind != itemMap {
			return malformed("bind is not a map")
		}
		rec.Bind = &rec.bind
		return d.bind(&rec.bind)
	}
	if it.kind == itemNull {
		return nil
	}
	var err error
	switch name {
	case rootURI:
		if it.kind != itemText || len(it.b) == 0 {
			return malformed("uri is neither a non-empty string nor null")
		}
		rec.URI = again(&d.last.uri, it.b)
	case rootArgs:
		if it.kind != itemList {
			return malformed("args is neither a list nor null")
		}
		rec.Args, err = d.list(1)
	case rootKwargs:
		if it.kind != itemMap {
			return malformed("kwargs is neither a map nor null")
		}
		rec.Kwargs, err = d.object(1)
	}
	return err
}
