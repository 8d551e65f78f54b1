package capture

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// finder looks for messages and payloads, layer by layer.
type finder struct {
	Found
	within  []string
	written Encoding // Raw until something is decoded
	alone   bool     // what was decoded may be a payload alone
	budget  int      // how many bytes of text may still be tried as JSON
	why     error    // the first reason that says something
	full    bool
	cut     bool // text has shown a message that isn't whole
	// inflated is how many bytes were unpacked, of frames and of gzip.
	inflated int
}

const (
	// maxLayers is how deep layers are taken off.
	maxLayers = 8
	// searchFactor and searchFloor bound the work of looking for JSON in other text: so many
	// bytes are read for each byte of it, and so many in any case.
	searchFactor = 4
	searchFloor  = 1 << 20
)

// read looks at the whole input.
func (f *finder) read(input []byte, encoding Encoding) error {
	f.written = Raw
	switch encoding {
	case Raw:
		return f.asIs(input)
	case Auto:
		return f.finish(input)
	case Hex, Base64:
		decode := map[Encoding]func([]byte) ([]byte, bool){Hex: fromHexText, Base64: fromBase64Text}[encoding]
		data, ok := decode(bytes.TrimSpace(input))
		if !ok {
			return fmt.Errorf("%w: it is not %s", ErrCapture, encoding)
		}
		f.written = encoding
		return f.finish(data)
	}
	return fmt.Errorf("%w: unknown encoding %.32q: use auto, raw, base64 or hex", ErrCapture, encoding)
}

// asIs takes what is no message for a payload, whatever it looks like.
func (f *finder) asIs(data []byte) error {
	trimmed := bytes.TrimSpace(data)
	found := isJSON(trimmed) && f.json(trimmed, 0) || f.binary(data)
	switch {
	case f.any():
		return nil
	case found:
		return errNone // messages without a payload
	case f.why != nil:
		return f.why
	}
	return f.addAlone(data)
}

// finish looks for what is in data, and takes it for a payload alone where nothing is, and
// nothing says that it is something else.
func (f *finder) finish(data []byte) error {
	if f.decoded(data, f.written); f.any() {
		return nil
	}
	f.say(errNone)
	return f.why
}

func (f *finder) addAlone(data []byte) error {
	c, err := single(data, f.written)
	if err == nil {
		f.add(c)
	}
	return err
}

// find looks for what is in data, and tells whether anything is.
func (f *finder) find(data []byte) bool {
	if len(f.within) > maxLayers {
		f.say(errLayers)
		return false
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // a byte order mark
	for _, w := range wrappings {
		if inner, ok := w.open(f, data); ok {
			return f.inside(w.name, func() bool { return f.unwrapped(inner, w.other) })
		}
	}
	switch {
	case f.binary(data), f.rawSocket(data), f.webSocket(data):
		return true
	case isText(data) && !likeBinary(data) && !likeFrame(data):
		return f.text(bytes.TrimSpace(data))
	}
	return false
}

// unwrapped looks into what was wrapped. Where that is nothing, other says what it is instead,
// nil where it may be a payload.
func (f *finder) unwrapped(inner []byte, other error) bool {
	if other == nil {
		return f.decoded(inner, f.written)
	}
	why := f.why
	if f.find(inner) {
		return true
	}
	f.why = why
	f.say(other)
	return false
}

// inside looks one layer further in.
func (f *finder) inside(layer string, look func() bool) bool {
	f.within = append(f.within, layer)
	found := look()
	f.within = f.within[:len(f.within)-1]
	return found
}

// decoded looks at what a text stands for.
func (f *finder) decoded(data []byte, written Encoding) bool {
	outer := f.written
	defer func() { f.written = outer }()
	f.written = written
	if f.find(data) {
		return true
	}
	if !f.alone || f.why != nil {
		return false
	}
	if f.say(named(data)); f.why != nil {
		return false
	}
	before := len(f.Captures)
	f.say(f.addAlone(data))
	return len(f.Captures) > before
}

// say keeps the first reason, and where it was found.
func (f *finder) say(why error) {
	if f.why != nil || why == nil {
		return
	}
	if f.why = why; len(f.within) > 0 {
		f.why = fmt.Errorf("%w (found in: %s)", why, strings.Join(f.within, ", "))
	}
}

func (f *finder) any() bool { return len(f.Captures) > 0 }

// add takes what was found.
func (f *finder) add(c *Capture) {
	if len(f.Captures) == maxFound {
		f.full = true
		return
	}
	c.Encoding = f.written
	if c.Encoding == Raw && c.Serializer == textual {
		c.Encoding = Text
	}
	c.Within = slices.Clone(f.within)
	f.Captures = append(f.Captures, c)
}
