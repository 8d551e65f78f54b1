package keyservice

import (
	"maps"
	"sync"
)

// ServerStats tells what a Server has done so far.
type ServerStats struct {
	Members   int               // whom the folder has grants for
	Answered  uint64            // gets
	Bytes     uint64            // of ciphertexts in answers
	Refused   map[string]uint64 // gets, by the last part of the error's URI
	Receipts  uint64            // written
	Announced uint64            // times that members were told to ask
	LastError error             // what [ServeOptions] OnError was told last; nil once the folder has changed
}

// Stats gives a snapshot of the counts.
func (s *Server) Stats() ServerStats {
	stats := s.counts.snapshot()
	stats.Members = s.members.count()
	return stats
}

// counts are shared by all that count.
type counts struct {
	mu sync.Mutex
	ServerStats
}

func (c *counts) change(by func(*ServerStats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	by(&c.ServerStats)
}

func (c *counts) snapshot() ServerStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	stats := c.ServerStats
	stats.Refused = maps.Clone(stats.Refused)
	return stats
}

func (c *counts) answer(bytes int) {
	c.change(func(s *ServerStats) { s.Answered++; s.Bytes += uint64(bytes) })
}

func (c *counts) refuse(why unserved) {
	c.change(func(s *ServerStats) {
		if s.Refused == nil {
			s.Refused = map[string]uint64{}
		}
		s.Refused[string(why)]++
	})
}

func (c *counts) receipt()         { c.change(func(s *ServerStats) { s.Receipts++ }) }
func (c *counts) announced()       { c.change(func(s *ServerStats) { s.Announced++ }) }
func (c *counts) failed(err error) { c.change(func(s *ServerStats) { s.LastError = err }) }
