package client

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
)

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
	return ": " + link.Printable(text[2:])
}
