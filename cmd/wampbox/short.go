package main

import (
	"fmt"
	"slices"
	"strings"
)

// Lengths of ids.
const (
	derivedLength = 26 // of those that follow from keys
	shortLength   = 6  // of what is shown of them, if that is unique
)

// shorten gives for each id its beginning that no other one has. Those that people have
// given stay whole.
func shorten(ids []string) map[string]string {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	short := make(map[string]string, len(ids))
	for i, id := range ids {
		short[id] = id
		if len(id) != derivedLength {
			continue
		}
		n := shortLength
		for _, j := range []int{i - 1, i + 1} { // one that begins alike is beside it
			for j >= 0 && j < len(ids) && n < len(id) && strings.HasPrefix(ids[j], id[:n]) {
				n++
			}
		}
		short[id] = id[:n]
	}
	return short
}

// clean shows what a terminal would take for more than text as a Go string would.
func clean(s string) string {
	quoted := fmt.Sprintf("%q", s)
	inner := quoted[1 : len(quoted)-1]
	if !strings.Contains(inner, `\`) {
		return s
	}
	return strings.ReplaceAll(inner, `\"`, `"`)
}
