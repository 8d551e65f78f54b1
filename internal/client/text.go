package client

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
)

// maxText is how long text of a router's making may be as it is, in bytes.
const maxText = 200

// printable returns text of a router's making as errors may hold it: as it is, or
// quoted and cut where it could pass for something else.
func printable(text string) string {
	if len(text) > maxText || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return link.Quote(text)
	}
	return text
}

// valuesText returns what a router says in the arguments of an ERROR, as nexus's client
// words it.
func valuesText(args wamp.List, kwargs wamp.Dict) string {
	var said []string
	for _, arg := range args {
		said = append(said, fmt.Sprint(arg))
	}
	text := ""
	if len(said) > 0 {
		text = ": " + strings.Join(said, ", ")
	}
	said = nil
	for _, name := range slices.Sorted(maps.Keys(kwargs)) {
		said = append(said, fmt.Sprintf("%s=%v", name, kwargs[name]))
	}
	if len(said) > 0 {
		text += ": " + strings.Join(said, ", ")
	}
	if text == "" {
		return ""
	}
	return ": " + printable(text[2:])
}
