package codec

import "math"

// Decoder builds values of items. It charges the budget before it makes room for
// what is declared, so lists that each declare much don't add up.
type Decoder struct {
	reader
	left budget
	most int  // memory that there was at first
	Item Item // that was read last
	keys keptKeys

	json jsonReader
	cbor cborReader
}

// Reset begins to read data, in JSON or CBOR, of which it copies nothing.
func (d *Decoder) Reset(f Format, data []byte) {
	d.left = openBudget(len(data))
	d.most = d.left.memory
	if f == FormatJSON {
		d.json.reset(data)
		d.reader = &d.json
		return
	}
	d.cbor = cborReader{data: data}
	d.reader = &d.cbor
}

// Release keeps nothing of what was read.
func (d *Decoder) Release() {
	if d.reader == &d.json {
		d.json.reset(nil)
	}
	d.reader, d.Item, d.keys = nil, Item{}, keptKeys{}
	d.cbor = cborReader{}
}

// Memory is how many bytes of memory what was read takes.
func (d *Decoder) Memory() int { return d.most - d.left.memory }

// Read reads the next item into d.Item.
func (d *Decoder) Read() error { return d.read(&d.Item) }

// End checks that nothing is left to read.
func (d *Decoder) End() error { return d.end() }

// value reads the next value.
func (d *Decoder) value(depth int) (any, error) {
	if err := d.Read(); err != nil {
		return nil, err
	}
	return d.Value(depth)
}

var errUnexpectedEnd = malformed("the end of a list or map where there is none")

// Value gives the canonical value that begins with the item that was read last.
func (d *Decoder) Value(depth int) (any, error) {
	it := &d.Item
	switch it.Kind {
	case KindNull:
		return nil, nil
	case KindFalse, KindTrue:
		return it.Kind == KindTrue, nil
	case KindInt:
		return it.N, d.left.takeMemory(WordMemory(it.N))
	case KindUint:
		return uint64(it.N), d.left.takeMemory(WordMemory(it.N))
	case KindFloat:
		return math.Float64frombits(uint64(it.N)), d.left.takeMemory(WordMemory(it.N))
	case KindBig:
		return it.big, d.left.takeMemory(bigMemory(it.big))
	case KindText:
		text, err := d.Text()
		return text, err
	case KindBytes:
		return d.bytes()
	case KindList:
		if err := d.left.takeMemory(SliceSize); err != nil {
			return nil, err
		}
		list, err := d.List(depth)
		return list, err
	case KindMap:
		object, err := d.Map(depth)
		return object, err
	}
	return nil, errUnexpectedEnd
}

// Text gives the text that was read last.
func (d *Decoder) Text() (string, error) {
	if err := d.left.takeMemory(TextMemory(len(d.Item.B))); err != nil {
		return "", err
	}
	return string(d.Item.B), nil
}

// bytes gives the byte string that was read last.
func (d *Decoder) bytes() (any, error) {
	if err := d.left.takeMemory(BytesMemory(len(d.Item.B))); err != nil {
		return nil, err
	}
	if d.Item.own {
		return d.Item.B, nil
	}
	return append(make([]byte, 0, len(d.Item.B)), d.Item.B...), nil
}

// Drop reads what is left of the value that was begun, and keeps nothing of it.
func (d *Decoder) Drop(depth int) error {
	switch d.Item.Kind {
	case KindList, KindMap, KindEnd:
		_, err := d.Value(depth)
		return err
	}
	return nil
}

// contents walks the elements of a list, or the keys of a map.
type contents struct {
	declared int64
	read     int64
}

// enter begins the list or map that was read last, which stands inside depth others.
func (d *Decoder) enter(depth int) (contents, error) {
	n := d.Item.N
	if depth >= maxNesting {
		return contents{}, errTooDeep
	}
	if n > int64(d.left.values) {
		return contents{}, errTooMany
	}
	if n != undeclared {
		d.left.values -= int(n)
	}
	return contents{declared: n}, nil
}

// next reads the item that begins the next element or key, if there is one more.
func (d *Decoder) next(c *contents) (more bool, err error) {
	if c.read == c.declared {
		return false, nil
	}
	c.read++
	if err := d.Read(); err != nil {
		return false, err
	}
	if c.declared != undeclared {
		return true, nil
	}
	if d.Item.Kind == KindEnd {
		return false, nil
	}
	return true, d.left.takeValues(1)
}

// List reads what is in the list that was begun, which stands inside depth lists and
// maps.
func (d *Decoder) List(depth int) ([]any, error) {
	c, err := d.enter(depth)
	if err != nil {
		return nil, err
	}
	list, err := d.room(nil, int(max(c.declared, 0)))
	if err != nil {
		return nil, err
	}
	for {
		more, err := d.next(&c)
		if err != nil {
			return nil, err
		}
		if !more {
			return list, nil
		}
		if len(list) == cap(list) {
			if list, err = d.room(list, max(1, 2*len(list))); err != nil {
				return nil, err
			}
		}
		v, err := d.Value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
}

// room moves list to where n elements have room.
func (d *Decoder) room(list []any, n int) ([]any, error) {
	if err := d.left.takeMemory(ListMemory(n) - ListMemory(cap(list))); err != nil {
		return nil, err
	}
	return append(make([]any, 0, n), list...), nil
}

var (
	errKeyTwice   = malformed("a map key stands twice")
	errKeyNotText = malformed("a map key is not text")
)

// Map reads what is in the map that was begun, which stands inside depth lists and
// maps.
func (d *Decoder) Map(depth int) (map[string]any, error) {
	c, err := d.enter(depth)
	if err != nil {
		return nil, err
	}
	if err := d.left.takeMemory(MapMemory(int(max(c.declared, 0)))); err != nil {
		return nil, err
	}
	object := make(map[string]any, max(c.declared, 0))
	for {
		more, err := d.next(&c)
		if err != nil {
			return nil, err
		}
		if !more {
			return object, nil
		}
		if d.Item.Kind != KindText {
			return nil, errKeyNotText
		}
		if _, twice := object[string(d.Item.B)]; twice {
			return nil, errKeyTwice
		}
		if err := d.takeEntry(c, len(object)); err != nil {
			return nil, err
		}
		key := d.keys.get(d.Item.B)
		if object[key], err = d.value(depth + 1); err != nil {
			return nil, err
		}
	}
}

// takeEntry charges for one more entry of a map of n, with the key that was read last.
func (d *Decoder) takeEntry(c contents, n int) error {
	memory := CharsMemory(len(d.Item.B))
	if c.declared == undeclared {
		memory += MapMemory(n+1) - MapMemory(n)
	}
	return d.left.takeMemory(memory)
}

// Fields reads what is in the map that was begun, whose keys the caller knows: for each
// it is called with the index in keys, and the item that begins the value has been
// read. Other entries are read and dropped.
func (d *Decoder) Fields(depth int, keys *Keys, field func(name int) error) error {
	c, err := d.enter(depth)
	if err != nil {
		return err
	}
	var seen uint
	var others map[string]bool
	name := -1
	for {
		more, err := d.next(&c)
		if err != nil || !more {
			return err
		}
		if d.Item.Kind != KindText {
			return errKeyNotText
		}
		if name = indexOf(keys.names, name+1, d.Item.B); name < 0 {
			if others, err = d.other(others, depth); err != nil {
				return err
			}
			continue
		}
		if seen&(1<<name) != 0 {
			return errKeyTwice
		}
		seen |= 1 << name
		if err := d.Read(); err != nil {
			return err
		}
		if err := field(name); err != nil {
			return err
		}
	}
}

// other reads an entry with a key that isn't known, which it adds to the others.
func (d *Decoder) other(others map[string]bool, depth int) (map[string]bool, error) {
	if others[string(d.Item.B)] {
		return nil, errKeyTwice
	}
	if others == nil {
		others = map[string]bool{}
	}
	if err := d.takeEntry(contents{declared: undeclared}, len(others)); err != nil {
		return nil, err
	}
	others[string(d.Item.B)] = true
	if err := d.Read(); err != nil {
		return nil, err
	}
	return others, d.Drop(depth + 1)
}

// indexOf finds b in names, where it is likely to be.
func indexOf(names []string, likely int, b []byte) int {
	if likely < len(names) && names[likely] == string(b) {
		return likely
	}
	for i, name := range names {
		if name == string(b) {
			return i
		}
	}
	return -1
}
