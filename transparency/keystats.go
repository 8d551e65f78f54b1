package transparency

import (
	"cmp"
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// KeyStats is what a Session did with one version of a pattern's key. There is one for each that
// was used or refused something, and one without KeyID for what belongs to a pattern alone.
//
// LastOpened answers whether a version can be retired, as far as this Session knows: ask all
// Sessions that open for the pattern.
type KeyStats struct {
	// Pattern is one of the ring, never a URI from the wire; the empty prefix also stands for what
	// is plain unless keyed, and "wamp." for the protocol's own. It is zero in the rows that add up
	// versions and patterns of long ago, one for each dialect and suite: of what the ring has no
	// more, the last 1,024 or more keep rows of their own.
	Pattern keyring.Pattern
	// KeyID is the version's id. It is empty for plain messages of a pattern in transition, and
	// for what was refused before a version was found.
	KeyID string
	// Dialect and Suite are the version's, zero without a version.
	Dialect cryptobox.Dialect
	Suite   cryptobox.Suite

	// Sealed, Opened and Plain count as those of [Stats]. Answers and chunks are those of the
	// version that their call began with.
	Sealed, Opened, Plain uint64
	// Rejected counts what was refused. Anybody can send what is refused under any version.
	Rejected map[Reason]uint64
	// LastSealed and LastOpened are by this Session's clock, to the millisecond; zero for never.
	LastSealed, LastOpened time.Time
}

// byReason gives the counts that aren't 0.
func byReason(counts *[reasonCount]atomic.Uint64) map[Reason]uint64 {
	rejected := map[Reason]uint64{}
	for i := range counts {
		if n := counts[i].Load(); n > 0 {
			rejected[Reason(i)] = n
		}
	}
	return rejected
}

// compareKeyStats puts rows in the order of their patterns' texts, and those without one last.
func compareKeyStats(a, b KeyStats) int {
	none := func(k KeyStats) int {
		if k.Pattern == (keyring.Pattern{}) {
			return 1
		}
		return 0
	}
	return cmp.Or(none(a)-none(b), cmp.Compare(a.Pattern.URI, b.Pattern.URI), cmp.Compare(a.Pattern.Match, b.Pattern.Match),
		cmp.Compare(a.KeyID, b.KeyID), cmp.Compare(a.Dialect, b.Dialect), cmp.Compare(a.Suite, b.Suite))
}

// name is the pattern for people.
func (k KeyStats) name() string {
	if k.Pattern == (keyring.Pattern{}) {
		return "others"
	}
	return k.Pattern.String()
}

// suite is that of the version for people, "" in dialects that have none.
func (k KeyStats) suite() string {
	if k.Suite == 0 {
		return ""
	}
	return k.Suite.String()
}

// dialect is that of the version for people, "" without a version.
func (k KeyStats) dialect() string {
	if k.KeyID == "" && k.Suite == 0 && !k.Dialect.Foreign() {
		return ""
	}
	return k.Dialect.String()
}

// MarshalJSON gives everything in words, without what is zero.
func (k KeyStats) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Pattern    string
		KeyID      string            `json:",omitempty"`
		Dialect    string            `json:",omitempty"`
		Suite      string            `json:",omitempty"`
		Sealed     uint64            `json:",omitzero"`
		Opened     uint64            `json:",omitzero"`
		Plain      uint64            `json:",omitzero"`
		Rejected   map[Reason]uint64 `json:",omitempty"`
		LastSealed time.Time         `json:",omitzero"`
		LastOpened time.Time         `json:",omitzero"`
	}{k.name(), k.KeyID, k.dialect(), k.suite(), k.Sealed, k.Opened, k.Plain, k.Rejected, k.LastSealed.UTC(), k.LastOpened.UTC()})
}

// String is the row as JSON.
func (k KeyStats) String() string { return asJSON(k) }
