package lint

import (
	"crypto/sha256"
	"encoding/base64"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// ids looks for ids that stand for more than one key.
func (r *report) ids(entries []*entry) {
	type place struct {
		pattern keyring.Pattern
		id      string
	}
	inPattern := map[place]*entry{}
	keys := map[string]string{} // what is behind an id that was given
	for _, e := range entries {
		at := place{e.Pattern, e.info.ID}
		if other := inPattern[at]; other != nil {
			r.add(e, DuplicateID, "keys[%d] has the same id %q: give each key once, under an id of its own", other.index, e.info.ID)
			continue
		}
		inPattern[at] = e
		if e.ID == "" {
			continue
		}
		key := r.behind(e)
		if known, found := keys[e.ID]; found && known != key && key != "" {
			r.add(e, DuplicateID, "the id %q stands for another key elsewhere in this file, and who reads it in a log can't tell them apart: "+
				"give each key an id of its own", e.ID)
		}
		if key != "" {
			keys[e.ID] = key
		}
	}
}

// behind tells keys apart whatever their ids; it is empty for a revoked one.
func (r *report) behind(e *entry) string {
	if !e.Symmetric.IsZero() {
		sum := sha256.Sum256(e.Symmetric.UnsafeText())
		return "symmetric " + base64.RawURLEncoding.EncodeToString(sum[:])
	}
	unnamed := *e.Entry
	unnamed.ID = ""
	info, err := r.alone(&unnamed)
	if err != nil {
		return ""
	}
	return info.ID
}
