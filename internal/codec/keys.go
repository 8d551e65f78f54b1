package codec

// Keys are the keys of a map that are known beforehand, as each format writes them with
// what stands before and behind. The first of them is always written.
type Keys struct {
	names   []string
	written [formats][][]byte
}

// NewKeys takes the keys in the order in which they are written.
func NewKeys(names ...string) *Keys {
	k := &Keys{names: names}
	for f := range Format(formats) {
		for i, name := range names {
			k.written[f] = append(k.written[f], f.AppendColon(f.AppendText(f.AppendComma(nil, i), name)))
		}
	}
	return k
}

// keptKeys are keys of maps that were read, as rows have the same again and again.
type keptKeys [32]string

// get gives b as a string: the one kept, if it is equal.
func (k *keptKeys) get(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	kept := &k[(len(b)+int(b[0])+int(b[len(b)-1]))%len(k)]
	if *kept != string(b) {
		*kept = string(b)
	}
	return *kept
}
