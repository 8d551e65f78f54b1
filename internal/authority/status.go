package authority

import (
	"cmp"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Status tells who has what, by the receipts that [Authority.Collect] took in, and what is to come.
type Status struct {
	At  time.Time // now
	Key cryptobox.VerifyKey

	// Of the last grants; zero before the first.
	Serial     uint64
	Issued     time.Time
	Expires    time.Time // members don't seal after that
	OpensUntil time.Time // nor open
	FreshUntil time.Time // servers can't answer after that

	Unissued  bool              // something was changed since, and isn't in them
	Members   []MemberStatus    // in the order of their enrolment
	Patterns  []PatternStatus   // that members hold or that are scheduled, in the order of the master
	Scrambled []ScrambledStatus // in the order of their texts
}

// Having tells whether a member has something.
type Having uint8

// What a member has. Replicas tell of themselves, and not how many they are: one that hasn't asked
// since is counted as having what the others have.
const (
	HasNot    Having = iota // it isn't known to have it
	HasPartly               // a replica has it, and another has asked since and hasn't
	Has
)

// String names it.
func (h Having) String() string { return [...]string{"hasn't", "partly", "has"}[min(h, Has)] }

// MemberStatus tells what a member has.
type MemberStatus struct {
	Name       string
	Serial     uint64    // of its last grant, 0 before the first
	Has        Having    // that grant
	Asked      time.Time // when it last asked for one, by a server's word; zero for never
	Held       []Held    // the grants that it was seen to have, the newest last
	SealsUntil time.Time // when the newest of these expires; zero where that isn't known
	// Stale: it hasn't asked for a day, and has had a grant to ask for.
	Stale bool
}

// Held is a grant that a member was seen to have. The times are a server's word.
type Held struct {
	Serial      uint64
	Expires     time.Time // zero where it was issued long ago
	First, Last time.Time
}

// PatternStatus tells of a pattern's versions.
type PatternStatus struct {
	Pattern  keyring.Pattern
	Schedule Schedule
	Next     time.Time       // when the next version that isn't made yet is to seal, by the Schedule
	Versions []VersionStatus // that have keys, the one with the latest date first
}

// VersionStatus tells of a version who has it, of those who hold the pattern.
type VersionStatus struct {
	keyring.VersionInfo
	Issued uint64 // the serial of the first grants with it; 0 before that, or if it isn't known
	Has    map[string]Having
}

// Names gives those who have it so, in order.
func (v VersionStatus) Names(having Having) []string { return names(v.Has, having) }

func names(all map[string]Having, having Having) []string {
	var names []string
	for name, h := range all {
		if h == having {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// staleAfter is how long a member needn't ask.
const staleAfter = 24 * time.Hour

// Status tells who has what.
func (a *Authority) Status() (Status, error) {
	s, err := a.status()
	if err != nil {
		return Status{}, &Error{Op: "status", Err: err}
	}
	return s, nil
}

func (a *Authority) status() (Status, error) {
	s := a.state
	status := Status{
		At: now(), Key: a.Key(), Serial: s.Serial, Issued: s.Issued, Expires: s.Expires,
		OpensUntil: s.OpensUntil, FreshUntil: s.FreshUntil,
	}
	master, err := a.master()
	if err != nil {
		return status, err
	}
	defer master.Wipe()
	infos, err := list(master)
	if err != nil {
		return status, err
	}
	for _, m := range s.Members {
		status.Members = append(status.Members, m.status(status.At))
	}
	for _, info := range infos {
		if h := s.holding(info.Pattern); h != nil && (len(h.Holders) > 0 || h.Rotate != nil) {
			status.Patterns = append(status.Patterns, s.statusOf(h, info, status.At))
		}
	}
	hidden, err := scrambledOf(master)
	if err != nil {
		return status, err
	}
	for _, one := range hidden {
		status.Scrambled = append(status.Scrambled, s.statusOfScrambled(one))
	}
	status.Unissued = s.Changed || s.differs(infos) || s.scrambledDiffers(status.Scrambled)
	return status, nil
}

// differs tells whether the master has other versions of what members hold than the last grants, as
// after it was changed by other tools.
func (s *state) differs(infos []keyfile.Info) bool {
	versions := map[keyring.Pattern][]keyfile.VersionInfo{}
	for _, info := range infos {
		versions[info.Pattern] = info.Versions
	}
	return slices.ContainsFunc(s.Patterns, func(h *holding) bool {
		there := versions[h.pattern()]
		return len(h.Holders) > 0 && (len(there) != len(h.Since) ||
			slices.ContainsFunc(there, func(v keyfile.VersionInfo) bool { return h.Since[v.ID] == 0 }))
	})
}

// status tells what a member has.
func (m *member) status(at time.Time) MemberStatus {
	status := MemberStatus{Name: m.Name, Asked: m.Asked}
	first := at
	if n := len(m.Issued); n > 0 {
		status.Serial, first = m.Issued[n-1].Serial, m.Issued[0].At
		status.Has = m.has(status.Serial)
	}
	for _, h := range m.Held {
		one := Held{Serial: h.Serial, First: h.First, Last: h.Last}
		if i := slices.IndexFunc(m.Issued, func(i issued) bool { return i.Serial == h.Serial }); i >= 0 {
			one.Expires = m.Issued[i].Expires
		}
		status.Held = append(status.Held, one)
		status.SealsUntil = one.Expires
	}
	status.Stale = at.Sub(latest(first, m.Asked)) > staleAfter
	return status
}

// replicaLag is how much later than another a replica may tell of the same.
const replicaLag = time.Minute

// has tells whether a member has a grant with a serial, or a later one.
func (m *member) has(serial uint64) Having {
	i, _ := slices.BinarySearchFunc(m.Held, serial, func(h held, serial uint64) int { return cmp.Compare(h.Serial, serial) })
	if i == len(m.Held) {
		return HasNot
	}
	since := m.Held[i].First
	for _, h := range m.Held[i:] {
		since = earlier(since, h.First)
	}
	if slices.ContainsFunc(m.Held[:i], func(h held) bool { return h.Last.After(since.Add(replicaLag)) }) {
		return HasPartly
	}
	return Has
}

// statusOf tells of a pattern.
func (s *state) statusOf(h *holding, info keyfile.Info, at time.Time) PatternStatus {
	status := PatternStatus{Pattern: info.Pattern}
	var versions []keyring.VersionInfo
	var created time.Time
	for _, v := range info.Versions {
		if versions = append(versions, v.VersionInfo); v.State == keyring.StateRevoked {
			continue
		}
		created = latest(created, v.Created)
		one := VersionStatus{VersionInfo: v.VersionInfo, Issued: h.Since[v.ID], Has: map[string]Having{}}
		for name := range h.Holders {
			one.Has[name] = s.having(h, name, v.ID)
		}
		status.Versions = append(status.Versions, one)
	}
	slices.SortStableFunc(status.Versions, func(a, b VersionStatus) int { return b.Dates.ActiveFrom.Compare(a.Dates.ActiveFrom) })
	if h.Rotate != nil {
		status.Schedule, status.Next = *h.Rotate, h.Rotate.next(versions, created, at)
	}
	return status
}

// having tells whether a holder of a pattern has a version.
func (s *state) having(h *holding, name, id string) Having {
	since, joined := h.Since[id], h.Joined[name]
	if _, joins := h.Joined[name]; since == 0 || joins && joined == 0 {
		return HasNot
	}
	return s.member(name).has(max(since, joined))
}
