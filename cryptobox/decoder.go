package cryptobox

import "math"

// decoder builds values of items. It charges the budget before it makes room for
// what is declared, so lists that each declare much don't add up.
type decoder struct {
	reader
	left budget
	last *last // of records
	it   item  // that was read last
}

// readValue reads one value with nothing behind it, that stands inside depth lists
// and maps.
func readValue(r reader, depth int, left budget) (any, error) {
	d := decoder{reader: r, left: left}
	v, err := d.value(depth)
	if err != nil {
		return nil, err
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	return v, nil
}

// value reads the next value.
func (d *decoder) value(depth int) (any, error) {
	if err := d.read(&d.it); err != nil {
		return nil, err
	}
	return d.rest(depth)
}

var errUnexpectedEnd = malformed("the end of a list or map where there is none")

// rest gives the canonical value that begins with the item that was read last.
func (d *decoder) rest(depth int) (any, error) {
	it := &d.it
	switch it.kind {
	case itemNull:
		return nil, nil
	case itemFalse, itemTrue:
		return it.kind == itemTrue, nil
	case itemInt:
		return it.n, nil
	case itemUint:
		return uint64(it.n), nil
	case itemFloat:
		return math.Float64frombits(uint64(it.n)), nil
	case itemBig:
		return it.big, nil
	case itemText:
		return string(it.b), nil
	case itemBytes:
		if it.own {
			return it.b, nil
		}
		return append(make([]byte, 0, len(it.b)), it.b...), nil
	case itemList:
		list, err := d.list(depth)
		return list, err
	case itemMap:
		object, err := d.object(depth)
		return object, err
	}
	return nil, errUnexpectedEnd
}

// contents walks the elements of a list, or the keys of a map.
type contents struct {
	declared int64
	read     int64
}

// enter begins the list or map that was read last, which stands inside depth others.
func (d *decoder) enter(depth int) (contents, error) {
	n := d.it.n
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
func (d *decoder) next(c *contents) (more bool, err error) {
	if c.read == c.declared {
		return false, nil
	}
	c.read++
	if err := d.read(&d.it); err != nil {
		return false, err
	}
	if c.declared != undeclared {
		return true, nil
	}
	if d.it.kind == itemEnd {
		return false, nil
	}
	return true, d.left.takeValues(1)
}

// list reads what is in the list that was begun.
func (d *decoder) list(depth int) ([]any, error) {
	c, err := d.enter(depth)
	if err != nil {
		return nil, err
	}
	list := make([]any, 0, max(c.declared, 0))
	for {
		more, err := d.next(&c)
		if err != nil {
			return nil, err
		}
		if !more {
			return list, nil
		}
		v, err := d.rest(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
}

var (
	errKeyTwice   = malformed("a map key stands twice")
	errKeyNotText = malformed("a map key is not text")
)

// object reads what is in the map that was begun.
func (d *decoder) object(depth int) (map[string]any, error) {
	c, err := d.enter(depth)
	if err != nil {
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
		if d.it.kind != itemText {
			return nil, errKeyNotText
		}
		if _, twice := object[string(d.it.b)]; twice {
			return nil, errKeyTwice
		}
		key := string(d.it.b)
		if object[key], err = d.value(depth + 1); err != nil {
			return nil, err
		}
	}
}

// fields reads what is in the map that was begun, whose keys the caller knows: for each
// it is called with the index in names, and the item that begins the value has been
// read. Other entries are read and dropped.
func (d *decoder) fields(depth int, names []string, field func(name int) error) error {
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
		if d.it.kind != itemText {
			return errKeyNotText
		}
		if name = indexOf(names, name+1, d.it.b); name < 0 {
			if others, err = d.other(others, depth); err != nil {
				return err
			}
			continue
		}
		if seen&(1<<name) != 0 {
			return errKeyTwice
		}
		seen |= 1 << name
		if err := d.read(&d.it); err != nil {
			return err
		}
		if err := field(name); err != nil {
			return err
		}
	}
}

// other reads an entry with a key that isn't known, which it adds to the others.
func (d *decoder) other(others map[string]bool, depth int) (map[string]bool, error) {
	if others[string(d.it.b)] {
		return nil, errKeyTwice
	}
	if others == nil {
		others = map[string]bool{}
	}
	others[string(d.it.b)] = true
	_, err := d.value(depth + 1)
	return others, err
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
