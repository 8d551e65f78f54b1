package cryptobox

import "math"

// decoder builds values of items. It charges the budget before it makes room for
// what is declared, so lists that each declare much don't add up.
type decoder struct {
	reader
	left *budget
	last *last // of records
}

// readValue reads one value with nothing behind it, that stands inside depth lists
// and maps.
func readValue(r reader, depth int, left *budget) (any, error) {
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

func (d *decoder) value(depth int) (any, error) {
	it, err := d.item()
	if err != nil {
		return nil, err
	}
	return d.valueOf(it, depth)
}

var errUnexpectedEnd = malformed("the end of a list or map where there is none")

// valueOf gives the canonical value that begins with it.
func (d *decoder) valueOf(it item, depth int) (any, error) {
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
		list, err := d.list(it.n, depth)
		return list, err
	case itemMap:
		object, err := d.object(it.n, depth)
		return object, err
	}
	return nil, errUnexpectedEnd
}

// contents walks the elements of a list, or the keys of a map.
type contents struct {
	declared int64
	read     int64
}

// enter begins a list or map of n, which stands inside depth others.
func (d *decoder) enter(n int64, depth int) (contents, error) {
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
func (d *decoder) next(c *contents) (it item, more bool, err error) {
	if c.read == c.declared {
		return item{}, false, nil
	}
	c.read++
	if it, err = d.item(); err != nil {
		return item{}, false, err
	}
	if c.declared != undeclared {
		return it, true, nil
	}
	if it.kind == itemEnd {
		return item{}, false, nil
	}
	return it, true, d.left.takeValues(1)
}

func (d *decoder) list(n int64, depth int) ([]any, error) {
	c, err := d.enter(n, depth)
	if err != nil {
		return nil, err
	}
	list := make([]any, 0, max(n, 0))
	for {
		it, more, err := d.next(&c)
		if err != nil {
			return nil, err
		}
		if !more {
			return list, nil
		}
		v, err := d.valueOf(it, depth+1)
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

func (d *decoder) object(n int64, depth int) (map[string]any, error) {
	c, err := d.enter(n, depth)
	if err != nil {
		return nil, err
	}
	object := make(map[string]any, max(n, 0))
	for {
		it, more, err := d.next(&c)
		if err != nil {
			return nil, err
		}
		if !more {
			return object, nil
		}
		if it.kind != itemText {
			return nil, errKeyNotText
		}
		if _, twice := object[string(it.b)]; twice {
			return nil, errKeyTwice
		}
		key := string(it.b)
		if object[key], err = d.value(depth + 1); err != nil {
			return nil, err
		}
	}
}

// fields reads a map whose keys the caller knows: each gets its index in names and the
// item that begins its value; other entries are read and dropped.
func (d *decoder) fields(n int64, depth int, names []string, field func(name int, it item) error) error {
	c, err := d.enter(n, depth)
	if err != nil {
		return err
	}
	var seen uint
	var others map[string]bool
	for {
		it, more, err := d.next(&c)
		if err != nil || !more {
			return err
		}
		if it.kind != itemText {
			return errKeyNotText
		}
		name := indexOf(names, it.b)
		if name < 0 {
			if others[string(it.b)] {
				return errKeyTwice
			}
			if others == nil {
				others = map[string]bool{}
			}
			others[string(it.b)] = true
			if _, err := d.value(depth + 1); err != nil {
				return err
			}
			continue
		}
		if seen&(1<<name) != 0 {
			return errKeyTwice
		}
		seen |= 1 << name
		if it, err = d.item(); err != nil {
			return err
		}
		if err := field(name, it); err != nil {
			return err
		}
	}
}

func indexOf(names []string, b []byte) int {
	for i, name := range names {
		if name == string(b) {
			return i
		}
	}
	return -1
}
