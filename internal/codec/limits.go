package codec

import "fmt"

// Limits of what is written and read, the same for both: what can be written here can
// be read here.
const (
	MaxBytes   = 16 << 20 // all that is written or read
	MaxDepth   = 128      // lists and maps nested in one another, in a list or map of a root map
	MaxValues  = 1 << 20  // every element of lists and maps, at any depth
	MaxBigBits = 1024     // bits of an integer beyond 64 bits
)

// maxNesting counts the root map and what stands in it as well.
const maxNesting = MaxDepth + 2

var (
	errTooDeep = tooLarge(fmt.Sprintf("lists and maps are nested at most %d deep", MaxDepth))
	errTooMany = tooLarge(fmt.Sprintf("there are at most %d values", MaxValues))
	errTooLong = tooLarge(fmt.Sprintf("a record has at most %d bytes", MaxBytes))
)

// budget is what may still be used while values are walked. It is charged
// before anything is allocated, so a declared length costs nothing, and a list
// that holds one string a million times is refused before it is written out.
type budget struct{ values, bytes, memory int }

// rootValues is room for what the root map adds to args and kwargs: its own
// entries and those of bind, with some to spare.
const rootValues = 64

// sealBudget is for walking args and kwargs.
func sealBudget() budget {
	return budget{values: MaxValues, bytes: MaxBytes, memory: maxMemory(MaxBytes)}
}

// openBudget is for reading a whole root map of size bytes.
func openBudget(size int) budget {
	return budget{values: MaxValues + rootValues, bytes: MaxBytes, memory: maxMemory(size) + rootMemory}
}

func (b *budget) takeValues(n int) error {
	if n > b.values {
		return errTooMany
	}
	b.values -= n
	return nil
}

func (b *budget) takeBytes(n int) error {
	if n > b.bytes {
		return errTooLong
	}
	b.bytes -= n
	return nil
}

func (b *budget) takeMemory(n int) error {
	if n > b.memory {
		return errTooBig
	}
	b.memory -= n
	return nil
}
