package capture

import (
	"bytes"
	"strconv"
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
