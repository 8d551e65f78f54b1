package statement

import "fmt"

// maxName bounds a member's name.
const maxName = 64

// CheckName refuses what is no member's name: 1 to 64 letters and digits of ASCII, dots, low
// lines and hyphens, of which a letter or digit comes first. They are names of files too. The
// error wraps [ErrMalformed], and doesn't repeat the name.
func CheckName(name string) error {
	if name == "" || len(name) > maxName {
		return fmt.Errorf("%w: a member's name has 1 to %d characters, and not %d", ErrMalformed, maxName, len(name))
	}
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case i > 0 && (c == '.' || c == '_' || c == '-'):
		default:
			return fmt.Errorf("%w: a member's name has letters and digits of ASCII, and behind the first also . _ -", ErrMalformed)
		}
	}
	return nil
}
