package keyservice

import (
	"math/rand/v2"
	"time"
)

const (
	// hintGap is how far apart fetches are that hints bring about, and spread by how much members
	// that are told at once ask at different times.
	hintGap = 5 * time.Second
	spread  = time.Second

	// retry is how long a first failure is waited for; twice as long after each further one, but
	// no longer than Every, or impatient where the Ring has no keys yet.
	retry     = time.Second
	impatient = 30 * time.Second
)

// schedule says when the server is asked.
type schedule struct {
	every    time.Duration
	due      time.Time
	last     time.Time // when it was asked last
	asking   bool
	failures int // since the last answer that was good
}

func newSchedule(every time.Duration) schedule {
	return schedule{every: every, due: time.Now()}
}

func (s *schedule) isDue() bool { return !s.asking && !time.Now().Before(s.due) }

// hasten moves the date, on a hint. A flood of hints moves it no further.
func (s *schedule) hasten() {
	at := later(time.Now(), s.last.Add(hintGap)).Add(rand.N(spread))
	if at.Before(s.due) {
		s.due = at
	}
}

func (s *schedule) asks() { s.asking, s.last = true, time.Now() }

// asked says when to ask again. A new grant is acknowledged soon, by asking for a later one.
func (s *schedule) asked(good, isNew, hasKeys bool) {
	s.asking = false
	wait := s.every*4/5 + rand.N(s.every*2/5)
	switch {
	case !good:
		most := s.every
		if !hasKeys {
			most = min(most, impatient)
		}
		wait = most
		if s.failures < 16 {
			wait = min(most, retry<<s.failures)
		}
		wait += rand.N(wait/5 + 1)
		s.failures++
	case isNew:
		s.failures, wait = 0, spread+rand.N(spread)
	default:
		s.failures = 0
	}
	s.due = time.Now().Add(wait)
}
