package message

import "github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"

// Entries returns the raw values of a raw map. It returns false for any other value, and
// for a map with a key that is no text, or with the same key twice.
func (c *Codec) Entries(raw []byte) (values [][]byte, ok bool) {
	h := c.head(raw, 0)
	if h.Kind != codec.KindMap {
		return nil, false
	}
	seen := map[string]bool{}
	it := itemsOf(c.syntax, raw, h)
	for it.more() {
		name := c.head(raw, it.at)
		key, at := c.key(raw, it.at)
		if name.Kind != codec.KindText || at < 0 || seen[string(key)] {
			return nil, false
		}
		seen[string(key)] = true
		at = c.head(raw, at).Start
		if it.at = c.skip(raw, at); it.at < 0 {
			return nil, false
		}
		values = append(values, raw[at:it.at])
	}
	return values, it.at >= 0
}
