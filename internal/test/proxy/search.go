package proxy

import (
	"bytes"
	"errors"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
)

// MinNeedle is the length in bytes of the shortest needle. What is shorter
// turns up in ciphertext by chance.
const MinNeedle = 5

var (
	// ErrTruncated says that not all that crossed the proxy was recorded, so
	// that what wasn't found may have been there. Give the proxy a higher [Limit].
	ErrTruncated = errors.New("proxy: the record is cut short, nothing can be said of what is missing: raise the limit")
	// ErrNothingRecorded says that no WAMP message crossed the proxy, which
	// makes every search vain. Connect the client to [Proxy.URL].
	ErrNothingRecorded = errors.New("proxy: no message crossed the proxy: connect the client to the proxy's URL")
	// ErrShortNeedle says that a needle has fewer than [MinNeedle] bytes.
	ErrShortNeedle = errors.New("proxy: the needle is too short to tell it from chance: give at least 5 bytes")
)

// Find returns copies of the recorded messages, control ones included, that
// hold the needle, raw or encoded as the package comment lists. With
// [ErrTruncated] the messages found are returned, but there may be others;
// with [ErrNothingRecorded] and [ErrShortNeedle] there are none.
func (r *record) Find(needle []byte) ([]*Message, error) {
	if len(needle) < MinNeedle {
		return nil, ErrShortNeedle
	}
	r.lock.Lock()
	recorded, truncated := slices.Clip(r.messages), r.truncated
	r.lock.Unlock()

	shapes := leak.Encodings(needle)
	var found []*Message
	wamp := false
	for _, m := range recorded {
		wamp = wamp || !m.Control
		if slices.ContainsFunc(shapes, func(shape []byte) bool { return bytes.Contains(m.Data, shape) }) {
			found = append(found, m.Clone())
		}
	}
	switch {
	case truncated:
		return found, ErrTruncated
	case !wamp:
		return nil, ErrNothingRecorded
	default:
		return found, nil
	}
}

// Contains says whether the text crossed the proxy, raw or encoded as the package
// comment lists. false comes without an error only if all was recorded; errors
// are those of [Proxy.Find]. What was found is certain even in a truncated
// record: true comes without an error.
func (r *record) Contains(text string) (bool, error) {
	found, err := r.Find([]byte(text))
	if len(found) > 0 {
		return true, nil
	}
	return false, err
}
