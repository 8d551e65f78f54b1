package codec

// Keys are the keys of a map that are known beforehand, as each format writes them with
// what stands before and behind. The first of them is always written.
type Keys struct {
	names   []string
	written [len(formats)][][]byte
}

// NewKeys takes the keys in the order in which they are written.
func NewKeys(names ...string) *Keys {
	k := &Keys{names: names}
	for i, f := range formats {
		for j, name := range names {
			k.written[i] = append(k.written[i], f.colon(f.text(f.next(nil, j), name)))
		}
	}
	return k
}

// Name is the key i.
func (k *Keys) Name(i int) string { return k.names[i] }
