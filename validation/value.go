package validation

import (
	"encoding/base64"
	"math"
	"math/big"
	"strings"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
)

// typesOf gives the types of JSON that a value of a payload has; none if JSON doesn't have it.
func typesOfValue(v any) types {
	switch v := v.(type) {
	case nil:
		return null
	case bool:
		return boolean
	case string, []byte, time.Time:
		return text
	case int64, uint64:
		return number | integer
	case *big.Int:
		if v != nil {
			return number | integer
		}
	case float64:
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
		case isWhole(v):
			return number | integer
		default:
			return number
		}
	case []any:
		return array
	case map[string]any:
		return object
	}
	return 0
}

// canonical gives v as a Session gives it, if a caller of Validate hasn't. A Session's own
// values are none of these.
func canonical(v any) any {
	switch v := v.(type) {
	case wamp.List:
		return []any(v)
	case wamp.Dict:
		return map[string]any(v)
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case int16:
		return int64(v)
	case int8:
		return int64(v)
	case uint:
		return uint64(v)
	case uint32:
		return int64(v)
	case uint16:
		return int64(v)
	case uint8:
		return int64(v)
	case float32:
		return float64(v)
	}
	return v
}

// asText is the text that a value is for JSON: bytes in base64, a time as of RFC 3339.
func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	}
	return ""
}

// own tells whether a URI is the protocol's own, or this library's.
func own(uri string) bool {
	return strings.HasPrefix(uri, "wamp.") || strings.HasPrefix(uri, "wampbox.error")
}

// length is the number of values within v.
func length(v any) int {
	switch v := v.(type) {
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return 0
}
