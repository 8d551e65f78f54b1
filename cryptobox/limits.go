package cryptobox

// Limits of a record, the same for sealing and opening: what can be sealed
// here can be opened here.
const (
	MaxPayload = 16 << 20 // bytes of a serialized record, before sealing
	MaxDepth   = 128      // lists and maps nested in one another inside Args or Kwargs
	MaxValues  = 1 << 20  // values in a record: every element of its lists and maps, at any depth
	MaxKeyID   = 256      // bytes of an Envelope's KeyID
	MaxBigBits = 1024     // bits of an integer beyond 64 bits
)

const (
	// maxNesting counts the root map and args or kwargs as well.
	maxNesting = MaxDepth + 2
	// maxAlgorithm is the longest name of an algorithm in bytes.
	maxAlgorithm = 64
	// maxOverhead is room for what any algorithm adds to a plaintext.
	maxOverhead = 256
	// maxToken is the longest Token in bytes.
	maxToken = 64
)

var (
	errTooDeep = tooLarge("lists and maps nested beyond MaxDepth")
	errTooMany = tooLarge("more than MaxValues values")
	errTooLong = tooLarge("record beyond MaxPayload")
)

// budget is what a record may still use while it is walked. It is charged
// before anything is allocated, so a declared length costs nothing, and a list
// that holds one string a million times is refused before it is written out.
type budget struct{ values, bytes int }

// rootValues is room for what the root map adds to args and kwargs: its own
// entries and those of bind, with some to spare.
const rootValues = 64

// sealBudget is for walking args and kwargs.
func sealBudget() budget { return budget{values: MaxValues, bytes: MaxPayload} }

// openBudget is for reading a whole root map.
func openBudget() budget { return budget{values: MaxValues + rootValues, bytes: MaxPayload} }

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
