package statement

import "fmt"

// MaxName bounds the bytes of a member's name.
const MaxName = 64

// ValidName tells whether a member can have this name: letters and digits of ASCII, dots,
// underscores and hyphens, and the first is a letter or digit. It is the name of a file too.
func ValidName(name string) bool {
	if name == "" || len(name) > MaxName {
		return false
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case i > 0 && (c == '.' || c == '_' || c == '-'):
		default:
			return false
		}
	}
	return true
}

func checkName(name string) error {
	if !ValidName(name) {
		return fmt.Errorf("%w: no member's name", ErrMalformed)
	}
	return nil
}
