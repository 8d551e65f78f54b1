package replay

// NewSmallMemory makes one with other bounds.
var NewSmallMemory = newMemory
