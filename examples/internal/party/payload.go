package party

import (
	"math"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Integer returns a number from a payload. wamp.AsInt64 would also cut off the
// fraction of a float, and wrap an integer beyond int64.
func Integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case uint64: // from plain payloads; sealed ones give int64 where it fits
		return int64(v), v <= math.MaxInt64
	}
	return 0, false
}

// Encrypted reports whether a payload came in encrypted, from the details of
// the message that brought it.
func Encrypted(details wamp.Dict) bool {
	_, proved := transparency.InfoFrom(details)
	return proved
}

// Way says in a word how a payload travelled.
func Way(encrypted bool) string {
	if encrypted {
		return "encrypted"
	}
	return "plain"
}
