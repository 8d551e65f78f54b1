package wire

import (
	"maps"
	"strings"

	"github.com/gammazero/nexus/v3/wamp"
)

func has(name, prefix string) bool { return strings.HasPrefix(name, prefix) }

// hasAny reports whether a detail begins so.
func hasAny(dict wamp.Dict, prefix string) bool {
	for name := range dict {
		if has(name, prefix) {
			return true
		}
	}
	return false
}

// addTo returns a copy of dict with attributes added, but for empty ones.
func addTo(dict wamp.Dict, attributes map[string]string) wamp.Dict {
	added := make(wamp.Dict, len(dict)+len(attributes))
	maps.Copy(added, dict)
	for name, value := range attributes {
		if value != "" {
			added[name] = value
		}
	}
	return added
}

// attributesOf reads the details that begin with prefix, which must all be known and hold
// text, but for those whose field is nil: they are ignored.
func attributesOf(part *Part, prefix string, fields map[string]*string) error {
	for name, value := range part.Dict {
		if !has(name, prefix) {
			continue
		}
		field, known := fields[name]
		if !known {
			return partsError("an unknown detail " + prefix + "...")
		}
		if field == nil {
			continue
		}
		text, ok := value.(string)
		if !ok || text == "" {
			return partsError(name + " is no text")
		}
		*field = text
	}
	return nil
}
