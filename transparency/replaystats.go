package transparency

// ReplayStats is how much the replay memory of a Session holds. That is the one of its own, and
// the one of [WithReplayMemory] if [NewReplayMemory] made it: any other, such as one that
// processes share, counts as nothing. What each subscription to retained events remembers
// is apart.
type ReplayStats struct {
	// Senders counts the windows of senders: one for each subscription that a sender's events
	// reach, and one for its calls.
	Senders int
	// Messages counts what is remembered one by one: messages in the foreign dialects.
	Messages int
	// Bytes is about how much memory all of that takes.
	Bytes int
}

// replayStats adds up the memories of the Session.
func (s *Session) replayStats() (stats ReplayStats) {
	own, _ := s.memory.(*inProcess)
	calls, _ := s.callMemory.(*inProcess)
	if calls == own {
		calls = nil
	}
	for _, p := range []*inProcess{own, calls} {
		if p == nil {
			continue
		}
		held := p.memory.Held()
		stats.Senders += held.Senders
		stats.Messages += held.Tokens
		stats.Bytes += held.Bytes
	}
	return stats
}
