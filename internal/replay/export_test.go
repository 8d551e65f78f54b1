package replay

// NewSmallMemory makes one with other bounds.
var NewSmallMemory = newMemory

// NewSmallRetained makes one with other bounds for signers.
var NewSmallRetained = newRetained

// Size tells how many senders that don't sign are known, and about how many bytes they take.
func (m *Memory) Size() (senders, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.recent.len, m.bytes + m.groups.bytes
}

// SignedSize is Size of what signers send, and tells how many of them are known.
func (m *Memory) SignedSize() (signers, senders, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.signers.named), len(m.signers.senders), m.signers.bytes
}
