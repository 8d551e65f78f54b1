package capture

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// shownEvent begins a line of examples/router -show: event "com.myapp.topic" {"args": ..., "kwargs": ...}
var shownEvent = []byte("event ")

// shown takes such a line apart, and tells whether it is one.
func shown(trimmed []byte) (uri string, arguments []byte, ok bool) {
	rest, found := bytes.CutPrefix(trimmed, shownEvent)
	if !found {
		return "", nil, false
	}
	quoted, err := strconv.QuotedPrefix(string(rest))
	if err != nil {
		return "", nil, false
	}
	if uri, err = strconv.Unquote(quoted); err != nil {
		return "", nil, false
	}
	arguments = bytes.TrimSpace(rest[len(quoted):])
	return uri, arguments, isJSON(arguments)
}

// errText is for other text.
var errText = fmt.Errorf("%w: it is text, and none of base64, hex, one message in JSON, and one line of a router that shows events (-encoding raw takes it as it is)", ErrCapture)

// isText tells whether what was captured is text that people read.
func isText(input []byte) bool {
	return utf8.Valid(input) && !bytes.ContainsFunc(input, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) })
}
