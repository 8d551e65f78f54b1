package capture

import (
	"bytes"
	"errors"
	"io"
	"unicode"
	"unicode/utf8"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/go-json-experiment/json/jsontext"
)

// isText tells whether what was captured is text that people read, in whatever encoding, cut
// off within a letter, or with some characters in it that are none.
func isText(input []byte) bool {
	const most = 85 // of a hundred; of random bytes some 38 are letters, signs and white space
	if utf8.Valid(input) && !bytes.ContainsFunc(input, isControl) {
		return true
	}
	n := 0
	for _, b := range input {
		if b < utf8.RuneSelf && !isControl(rune(b)) {
			n++
		}
	}
	return n*100 >= most*len(input)
}

// isControl tells of those that no text has. Records are parted, and terminals colored, by
// two of the others.
func isControl(r rune) bool {
	return (r < ' ' || r == 0x7f) && !unicode.IsSpace(r) && r != recordSeparator && r != '\x1b'
}

// recordSeparator is behind each message of a batch in JSON (WAMP specification, "Batched
// Transport").
const recordSeparator = 0x1e

// text looks into a text without white space around it.
func (f *finder) text(text []byte) bool {
	switch {
	case len(text) == 0:
		f.say(errEmpty)
		return false
	case text[0] == '"':
		if f.quoted(text) {
			return true
		}
	case bytes.HasPrefix(text, shownEvent):
		if uri, arguments, ok := shown(text); ok {
			return f.shownWith(uri, arguments)
		}
	case isJSON(text):
		if data, ok := fromNumbers(text); ok {
			return f.decoded(data, Text)
		}
		return f.json(text, 0)
	}
	if f.dump(text) {
		return true
	}
	if f.why != nil {
		return false
	}
	if data, ok := fromNumbers(text); ok {
		return f.decoded(data, Text)
	}
	if data, ok := fromHexText(text); ok {
		return f.decoded(data, Hex)
	}
	if hexText.Match(text) {
		f.say(errHex)
		return false
	}
	if data, ok := fromBase64Text(text); ok && isWrapped(text) {
		return f.decoded(data, Base64)
	}
	if data, ok := fromLiteral(text); ok {
		return f.decoded(data, Hex)
	}
	if f.inside("text", func() bool { return f.search(text) }) {
		return true
	}
	if f.cut {
		f.say(errCutJSON)
	}
	f.say(namedText(text))
	return false
}

// quoted reads a string of JSON: binary data as WAMP writes it, NUL and base64; base64
// alone, as nexus does; or any other text.
func (f *finder) quoted(text []byte) bool {
	inner, err := jsontext.AppendUnquote(nil, text)
	if err != nil {
		return false
	}
	if data, ok := fromBase64(bytes.TrimPrefix(inner, []byte{0})); ok {
		return f.decoded(data, Base64)
	}
	if len(f.within) > maxLayers {
		return false
	}
	return f.inside("JSON string", func() bool { return isText(inner) && f.text(bytes.TrimSpace(inner)) })
}

// maxWalk is how deep lists and maps of JSON are looked into that are none of WAMP.
const maxWalk = 12

// json looks into a list or a map: it is something of WAMP, or something in it is.
func (f *finder) json(value []byte, depth int) bool {
	found, err := f.one(serialize.JSON, value)
	switch {
	case found:
		return true
	case errors.Is(err, errNone), likeJSON(value):
		f.say(err)
		return false
	case isKeyring(value):
		f.say(errKeyring)
		return false
	}
	before := len(f.Captures)
	if depth < maxWalk {
		why, alone := f.why, f.alone
		f.alone = false
		f.inside("JSON", func() bool { f.members(value, depth+1); return true })
		f.why, f.alone = firstOf(why, f.why), alone
	}
	if len(f.Captures) > before {
		return true
	}
	f.say(err)
	return false
}

// members looks into those of a list or a map.
func (f *finder) members(value []byte, depth int) {
	d := jsontext.NewDecoder(bytes.NewBuffer(value), jsonOptions...)
	open, err := d.ReadToken()
	if err != nil {
		return
	}
	for isMap := open.Kind() == '{'; d.PeekKind() != ']' && d.PeekKind() != '}' && !f.full; {
		if isMap {
			if _, err := d.ReadToken(); err != nil {
				return
			}
		}
		member, err := d.ReadValue()
		if err != nil {
			return
		}
		why := f.why
		switch member.Kind() {
		case '[', '{':
			f.json(member, depth)
		case '"':
			f.member(member)
		}
		f.why = firstOf(why, f.why)
	}
}

// firstOf keeps the reason that was there. A keyring file in a list is still one.
func firstOf(before, now error) error {
	if before == nil && errors.Is(now, errKeyring) {
		return now
	}
	return before
}

// member looks into a string of other JSON: a message that was logged, or the hex or base64 of
// one. A payload alone isn't looked for there, as anything may be one.
func (f *finder) member(quoted []byte) {
	const least = 8 // bytes, of the shortest message
	inner, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil || len(inner) < least {
		return
	}
	if data, ok := fromHexText(inner); ok {
		f.decoded(data, Hex)
	} else if data, ok := fromBase64(bytes.TrimPrefix(inner, []byte{0})); ok {
		f.decoded(data, Base64)
	} else if bytes.ContainsAny(inner, "[{") {
		f.search(inner)
	}
}

// beginning gives where in a text, from at on, a list or a map of JSON may begin that is of
// WAMP, or holds something; or a line that a router has shown. It is negative for nowhere.
func beginning(text []byte, at int) int {
	for ; at < len(text); at++ {
		switch text[at] {
		case '[', '{':
			within := bytes.TrimLeft(text[at+1:min(at+maxGap, len(text))], " \t\r\n")
			if len(within) > 0 && (within[0] == '"' || text[at] == '[' && (within[0] == '[' || within[0] == '{' || within[0] >= '0' && within[0] <= '9')) {
				return at
			}
		case shownEvent[0]:
			if (at == 0 || text[at-1] == '\n') && bytes.HasPrefix(text[at:], shownEvent) {
				return at
			}
		}
	}
	return -1
}

// maxGap is how much white space may be behind a bracket.
const maxGap = 256

// search looks for JSON in other text, such as the lines of a log.
func (f *finder) search(text []byte) bool {
	before, passed := len(f.Captures), f.Passed
	for at := 0; f.budget > 0 && !f.full; {
		if at = beginning(text, at); at < 0 {
			break
		}
		if text[at] == shownEvent[0] {
			at += f.shownLine(text[at:])
			continue
		}
		value, read, cut := firstValue(text[at:])
		f.budget -= read
		if value == nil {
			f.cut = f.cut || cut && likeJSON(text[at:])
			at++
			continue
		}
		why := f.why
		f.json(value, maxWalk-1)
		f.why = firstOf(why, f.why)
		at += len(value)
	}
	return len(f.Captures) > before || f.Passed > passed
}

// firstValue reads the list or map that a text begins with, nil where there is none. It
// tells how much it has read, and whether more text could make it one.
func firstValue(text []byte) (value []byte, read int, cut bool) {
	d := jsontext.NewDecoder(bytes.NewBuffer(text), jsonOptions...)
	v, err := d.ReadValue()
	if err == nil {
		return v, len(v), false
	}
	var at *jsontext.SyntacticError
	if errors.As(err, &at) {
		read = int(at.ByteOffset)
	}
	return nil, max(read, 1), errors.Is(err, io.ErrUnexpectedEOF)
}

// shownLine takes what a router has shown in a line, and gives the line's length.
func (f *finder) shownLine(text []byte) int {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	if uri, arguments, ok := shown(bytes.TrimSpace(line)); ok {
		f.shownWith(uri, arguments)
		return len(line)
	}
	return len(shownEvent)
}

// shownWith takes arguments whose URI is known.
func (f *finder) shownWith(uri string, arguments []byte) bool {
	before := len(f.Captures)
	found := f.json(arguments, maxWalk)
	for _, c := range f.Captures[before:] {
		c.URI = uri
	}
	return found
}
