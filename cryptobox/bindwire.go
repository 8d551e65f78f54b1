package cryptobox

import "github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"

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

var bindKeys = codec.NewKeys("v", "kind", "realm", "from", "n", "ts", "re", "seq", "self", "keep")

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
func (w *recordWriter) bind(b *Bind) error {
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
	w.BeginMap(n)
	for name, yes := range written {
		if !yes {
			continue
		}
		w.Key(bindKeys, name)
		if err := w.bindField(b, name); err != nil {
			return codec.At("."+bindKeys.Name(name), err)
		}
	}
	w.EndMap()
	return nil
}

func (w *recordWriter) bindField(b *Bind, name int) error {
	switch name {
	case bindV:
		w.Uint(BindVersion)
	case bindKind:
		return w.Text(string(b.Kind))
	case bindRealm:
		return w.Text(b.Realm)
	case bindFrom:
		return w.Bytes(b.From[:])
	case bindN:
		w.Uint(b.N)
	case bindTS:
		w.Int(b.TS)
	case bindRe:
		return w.Bytes(b.Re.unmask(w.token[:0]))
	case bindSeq:
		w.Uint(b.Seq)
	default: // self and keep, which are written only if true
		w.Bool(true)
	}
	return nil
}

// errBind doesn't say which field was wrong: that would be contents of the payload.
var errBind = malformed("bind has a missing or ill-typed field, or another version")

// needed are the fields that every binding has.
const needed = 1<<bindV | 1<<bindKind | 1<<bindRealm | 1<<bindFrom | 1<<bindN | 1<<bindTS

// bind reads what is in the wire's map, which was begun.
func (d *recordReader) bind(b *Bind) error {
	var found, bad uint
	err := d.Fields(1, bindKeys, func(name int) error {
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
func (d *recordReader) bindField(b *Bind, name int) (ok bool, err error) {
	it := &d.Item
	switch it.Kind {
	case codec.KindList, codec.KindMap, codec.KindEnd:
		return false, d.Drop(2)
	}
	switch name {
	case bindV:
		return it.Kind == codec.KindInt && it.N == BindVersion, nil
	case bindKind:
		b.Kind = knownKind(it)
		return b.Kind != "", nil
	case bindRealm:
		if it.Kind == codec.KindText {
			b.Realm, err = d.again(&d.last.realm)
		}
		return b.Realm != "", err
	case bindFrom:
		return b.setFrom(it), nil
	case bindN:
		b.N = uint64(it.N)
		return isCount(it) && b.N >= 1, nil
	case bindTS:
		b.TS = it.N
		return it.Kind == codec.KindInt, nil
	case bindRe:
		return b.setRe(it), nil
	case bindSeq:
		b.Seq = uint64(it.N)
		return isCount(it), nil
	case bindSelf:
		b.Self = it.Kind == codec.KindTrue
	case bindKeep:
		b.Keep = it.Kind == codec.KindTrue
	}
	return it.Kind == codec.KindTrue || it.Kind == codec.KindFalse, nil
}

func (b *Bind) setFrom(it *codec.Item) bool {
	if it.Kind != codec.KindBytes || len(it.B) != len(b.From) {
		return false
	}
	b.From = SenderID(it.B)
	return b.From != SenderID{}
}

func (b *Bind) setRe(it *codec.Item) bool {
	if it.Kind != codec.KindBytes || len(it.B) == 0 || len(it.B) > maxToken {
		return false
	}
	b.Re = newToken(it.B)
	return true
}

func isCount(it *codec.Item) bool {
	return it.Kind == codec.KindUint || (it.Kind == codec.KindInt && it.N >= 0)
}

// knownKind is the kind that it names, or "".
func knownKind(it *codec.Item) Kind {
	if it.Kind != codec.KindText {
		return ""
	}
	for _, k := range kinds {
		if string(it.B) == string(k) {
			return k
		}
	}
	return ""
}
