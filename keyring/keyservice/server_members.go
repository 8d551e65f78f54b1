package keyservice

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// members is what a server keeps of those that the folder has, and of nobody else: what names it
// is asked for costs it no memory.
type members struct {
	mu    sync.Mutex
	known map[string]*servedMember
}

// servedMember is one. It outlives changes of the folder, so that these give nobody more.
type servedMember struct {
	gets *rate.Limiter

	mu    sync.Mutex
	key   cryptobox.VerifyKey // that of keyed
	keyed bool                // the key was read since the folder changed
	notes notes
}

func newServedMember() *servedMember {
	return &servedMember{gets: rate.NewLimiter(memberRate, memberBurst), notes: notes{}}
}

// find gives a member, nil if the folder had none of the name when it was last looked at.
func (m *members) find(name string) *servedMember {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known[name]
}

// add gives a member that the folder has got since.
func (m *members) add(name string) *servedMember {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known[name] == nil {
		m.known[name] = newServedMember()
	}
	return m.known[name]
}

// replace takes over whom the folder has now. Keys are read anew.
func (m *members) replace(names []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := make(map[string]*servedMember, len(names))
	for _, name := range names {
		if known[name] = m.known[name]; known[name] == nil {
			known[name] = newServedMember()
		}
		known[name].forgetKey()
	}
	m.known = known
}

func (m *members) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.known)
}

func (m *servedMember) forgetKey() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keyed = false
}

// verifyKey gives the key that a member's gets are signed by. read reads it where it isn't known,
// once for all that wait.
func (m *servedMember) verifyKey(read func() (cryptobox.VerifyKey, error)) (cryptobox.VerifyKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.keyed {
		key, err := read()
		if err != nil {
			return cryptobox.VerifyKey{}, err
		}
		m.key, m.keyed = key, true
	}
	return m.key, nil
}

// note is when and with which next recipient a receipt was written last.
type note struct {
	at   time.Time
	next string
}
