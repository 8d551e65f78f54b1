package cryptobox

import "github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"

// Limits of a record, the same for sealing and opening: what can be sealed
// here can be opened here. One more holds for the memory that its values take once they
// are opened, by the size of the record: docs/FORMAT.md, section 13.
const (
	MaxPayload = codec.MaxBytes   // 16 MiB: bytes of a serialized record, before sealing
	MaxDepth   = codec.MaxDepth   // 128: lists and maps nested in one another inside Args or Kwargs
	MaxValues  = codec.MaxValues  // 1,048,576: values in a record, every element of its lists and maps, at any depth
	MaxKeyID   = 256              // bytes of a key id in payload passthru mode
	MaxBigBits = codec.MaxBigBits // 1024: bits of an integer beyond 64 bits
)
