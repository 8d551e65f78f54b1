package telemetry

import "github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"

// Server shows what a key service's server does, as wampbox.server with a name. It ends with
// stop, which doesn't close the Server. The error wraps [ErrSource].
func (t *Telemetry) Server(name string, s *keyservice.Server) (stop func(), err error) {
	return t.show(ofServer, name, serverSource{s}, s != nil)
}

type serverSource struct{ *keyservice.Server }

func (s serverSource) observe(c *collector) {
	stats := s.Stats()
	c.add(c.members, uint64(stats.Members), labels{})
	c.add(c.gets, stats.Answered, labels{})
	c.add(c.getsBytes, stats.Bytes, labels{})
	for why, n := range stats.Refused {
		c.add(c.getsRefused, n, labels{reason: why})
	}
	c.add(c.receipts, stats.Receipts, labels{})
	c.add(c.hints, stats.Announced, labels{})
	c.flag(c.serverFailing, stats.LastError != nil)
}
