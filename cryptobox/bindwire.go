package cryptobox

// Entries of the wire's map, in the order in which they are written.
const (
	bindV = iota
	bindKind
	bindRealm
	bindFrom
	bindN
	bindTS
	bindRe
	bindSeq
	bindSelf
	bindKeep
)

var bindNames = []string{"v", "kind", "realm", "from", "n", "ts", "re", "seq", "self", "keep"}

// validate checks what can't be written.
func (b *Bind) validate() error {
	switch {
	case !b.Kind.known():
		return &ValueError{Path: ".kind", Why: "not a known kind"}
	case b.Realm == "":
		return &ValueError{Path: ".realm", Why: "empty"}
	case b.From == (SenderID{}):
		return &ValueError{Path: ".from", Why: "no sender: use NewSenderID"}
	case b.N == 0:
		return &ValueError{Path: ".n", Why: "counters begin at 1"}
	}
	return nil
}

// bind writes the wire's map of b.
func (w *writer) bind(b *Bind) error {
	if err := b.validate(); err != nil {
		return err
	}
	written := [...]bool{
		bindV: true, bindKind: true, bindRealm: true, bindFrom: true, bindN: true, bindTS: true,
		bindRe: !b.Re.IsZero(), bindSeq: b.Kind != KindPublish, bindSelf: b.Self, bindKeep: b.Keep,
	}
	n := 0
	for _, yes := range written {
		if yes {
			n++
		}
	}
	w.dst = w.format.object(w.dst, n)
	for name, yes := range written {
		if !yes {
			continue
		}
		w.dst = append(w.dst, w.keys.bind[name]...)
		if err := w.bindField(b, name); err != nil {
			return at("."+bindNames[name], err)
		}
	}
	w.dst = w.format.endObject(w.dst)
	return nil
}

func (w *writer) bindField(b *Bind, name int) error {
	switch name {
	case bindV:
		w.unsigned(BindVersion)
	case bindKind:
		w.dst = w.format.text(w.dst, string(b.Kind))
	case bindRealm:
		return w.text(b.Realm)
	case bindFrom:
		w.dst = w.format.binary(w.dst, b.From[:])
	case bindN:
		w.unsigned(b.N)
	case bindTS:
		w.dst = w.format.integer(w.dst, b.TS)
	case bindRe:
		w.dst = w.format.binary(w.dst, b.Re.unmask(w.token[:0]))
	case bindSeq:
		w.unsigned(b.Seq)
	default: // self and keep, which are written only if true
		w.dst = w.format.boolean(w.dst, true)
	}
	return nil
}

// errBind doesn't say which field was wrong: that would be contents of the payload.
var errBind = malformed("bind has a missing or ill-typed field, or another version")

// needed are the fields that every binding has.
const needed = 1<<bindV | 1<<bindKind | 1<<bindRealm | 1<<bindFrom | 1<<bindN | 1<<bindTS

// bind reads what is in the wire's map, which was begun.
func (d *decoder) bind(b *Bind) error {
	var found, bad uint
	err := d.fields(1, bindNames, func(name int) error {
		found |= 1 << name
		ok, err := d.bindField(b, name)
		if !ok {
			bad |= 1 << name
		}
		return err
	})
	if err != nil {
		return err
	}
	want := uint(needed | 1<<bindSeq)
	if b.Kind == KindPublish { // it has no such field, so what is called so is unknown
		want, bad, b.Seq = needed, bad&^(1<<bindSeq), 0
	}
	if bad != 0 || found&want != want {
		return errBind
	}
	return nil
}

// bindField reads the value that was begun, and reports whether the field may be that.
func (d *decoder) bindField(b *Bind, name int) (ok bool, err error) {
	it := &d.it
	switch it.kind {
	case itemList, itemMap, itemEnd:
		_, err = d.rest(2)
		return false, err
	}
	switch name {
	case bindV:
		return it.kind == itemInt && it.n == BindVersion, nil
	case bindKind:
		b.Kind = knownKind(it)
		return b.Kind != "", nil
	case bindRealm:
		if it.kind == itemText {
			b.Realm = again(&d.last.realm, it.b)
		}
		return b.Realm != "", nil
	case bindFrom:
		return b.setFrom(it), nil
	case bindN:
		b.N = uint64(it.n)
		return it.isCount() && b.N >= 1, nil
	case bindTS:
		b.TS = it.n
		return it.kind == itemInt, nil
	case bindRe:
		return b.setRe(it), nil
	case bindSeq:
		b.Seq = uint64(it.n)
		return it.isCount(), nil
	}
	return b.setFlag(name, it), nil
}

func (b *Bind) setFrom(it *item) bool {
	if it.kind != itemBytes || len(it.b) != len(b.From) {
		return false
	}
	b.From = SenderID(it.b)
	return b.From != SenderID{}
}

func (b *Bind) setRe(it *item) bool {
	if it.kind != itemBytes || len(it.b) == 0 || len(it.b) > maxToken {
		return false
	}
	b.Re = newToken(it.b)
	return true
}

// setFlag reads what is either absent or a boolean.
func (b *Bind) setFlag(name int, it *item) bool {
	if name == bindSelf {
		b.Self = it.kind == itemTrue
	} else {
		b.Keep = it.kind == itemTrue
	}
	return it.kind == itemTrue || it.kind == itemFalse
}

// isCount reports whether it is an integer of 0 or more.
func (it *item) isCount() bool {
	return it.kind == itemUint || (it.kind == itemInt && it.n >= 0)
}

// knownKind is the kind that it names, or "".
func knownKind(it *item) Kind {
	if it.kind != itemText {
		return ""
	}
	for _, k := range kinds {
		if string(it.b) == string(k) {
			return k
		}
	}
	return ""
}
