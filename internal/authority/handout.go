package authority

import (
	"maps"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// handedOut says since which grants a pattern's versions and holders are in them.
type handedOut struct {
	// Since has the serials by the ids of versions, 0 before the first grants with it. Of a version
	// that isn't here it isn't known: it counts as one that others have.
	Since map[string]uint64 `json:"since,omitempty"`
	// Joined has the serials by the names of holders, 0 before the first grant in which one holds
	// the pattern as it does. It is forgotten when the member is known to have such a grant.
	Joined map[string]uint64 `json:"joined,omitempty"`
}

// made notes a version that nobody has yet.
func (h *handedOut) made(id string) {
	if h.Since == nil {
		h.Since = map[string]uint64{}
	}
	h.Since[id] = 0
}

// unknown tells whether nobody but the authority can have a version.
func (h *handedOut) unknown(id string) bool {
	since, known := h.Since[id]
	return known && since == 0
}

// joins notes who holds the pattern otherwise than before. Where nobody has a version yet, those
// who have one are told by that.
func (h *handedOut) joins(name string) {
	if !slices.ContainsFunc(slices.Collect(maps.Values(h.Since)), func(serial uint64) bool { return serial > 0 }) {
		return
	}
	if h.Joined == nil {
		h.Joined = map[string]uint64{}
	}
	h.Joined[name] = 0
}

// leaves forgets who holds the pattern no more.
func (h *handedOut) leaves(name string) { delete(h.Joined, name) }

// handOut notes that the next grants have what there is of a pattern, if anybody holds it.
func (h *handedOut) handOut(ids []string, serial uint64, held bool) {
	since := map[string]uint64{}
	for _, id := range ids {
		switch known, is := h.Since[id]; {
		case known == 0 && held:
			since[id] = serial
		case is:
			since[id] = known
		}
	}
	h.Since = since
}

// handOut notes that grants with a serial have all that the master has, until a date. It has to be
// saved before the first of them can be seen.
func (s *state) handOut(master []keyfile.Info, scrambles []*hiddenPrefix, serial uint64, opensUntil time.Time) {
	infos := make(map[keyring.Pattern]keyfile.Info, len(master))
	for _, info := range master {
		infos[info.Pattern] = info
	}
	for _, h := range s.Patterns {
		var ids []string
		for _, v := range infos[h.pattern()].Versions {
			ids = append(ids, v.ID)
		}
		h.handOut(ids, serial, len(h.Holders) > 0)
		for name, joined := range h.Joined {
			if joined == 0 {
				h.Joined[name] = serial
			}
		}
	}
	s.handOutSecrets(scrambles, serial)
	s.OpensUntil = latest(s.OpensUntil, opensUntil)
}

// checkHandedOut refuses serials that there were none of, and holders that there are none of.
func (h *handedOut) checkHandedOut(s *state, of holders) bool {
	beyond := func(serial uint64) bool { return serial > s.Serial }
	return !slices.ContainsFunc(slices.Collect(maps.Values(h.Since)), beyond) &&
		!slices.ContainsFunc(slices.Collect(maps.Values(h.Joined)), beyond) &&
		!slices.ContainsFunc(slices.Collect(maps.Keys(h.Joined)), func(name string) bool { return of[name] == 0 })
}
