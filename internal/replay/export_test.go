package replay

// NewSmallMemory makes one with other bounds.
var NewSmallMemory = newMemory

// Size tells how many senders are known, and about how many bytes they take.
func (m *Memory) Size() (senders, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.recent.len, m.bytes + m.groups.bytes
}
