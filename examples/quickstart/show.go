package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/gammazero/nexus/v3/wamp"
)

// payloadTypes are the messages that carry a payload to the router.
var payloadTypes = map[wamp.MessageType]bool{
	wamp.PUBLISH: true, wamp.CALL: true, wamp.YIELD: true, wamp.ERROR: true,
}

// width is how many characters a column of the output has.
const width = 58

// print shows what crossed the connections since the last time, beside what arrived.
func (st *stage) print(out io.Writer, title string, got []string) {
	fmt.Fprintf(out, "%s\n%s\n", title, strings.Repeat("=", len(title)))
	var saw []string
	for _, tap := range []*tap{st.originatorTap, st.responderTap} {
		for _, m := range tap.news() {
			if line, ok := describe(m); ok {
				saw = append(saw, line)
			}
		}
	}
	if len(saw) == 0 {
		saw = []string{"nothing"}
	}
	left := append([]string{"THE ROUTER SAW"}, wrapAll(saw)...)
	right := append([]string{"THE APPLICATIONS GOT"}, wrapAll(got)...)
	for i := range max(len(left), len(right)) {
		fmt.Fprintf(out, "%-*s   %s\n", width, at(left, i), at(right, i))
	}
	fmt.Fprintln(out)
}

// describe returns a message to the router as it crossed the connection, if it
// is one that carries a payload. The sessions write JSON.
func describe(m message) (string, bool) {
	var fields []json.RawMessage
	var kind wamp.MessageType
	if !m.toRouter || json.Unmarshal(m.text, &fields) != nil || len(fields) == 0 || json.Unmarshal(fields[0], &kind) != nil || !payloadTypes[kind] {
		return "", false
	}
	return fmt.Sprintf("%v %s", kind, payloadText.ReplaceAllFunc(m.text, shorten)), true
}

// shorten keeps the beginning of a payload: the rest looks the same.
func shorten(payload []byte) []byte {
	const kept = 40
	if len(payload) <= kept {
		return payload
	}
	return fmt.Appendf(nil, "%s... and %d characters more", payload[:kept], len(payload)-kept)
}

// wrapAll folds lines to the width of a column.
func wrapAll(lines []string) (folded []string) {
	for _, line := range lines {
		for runes := []rune(line); len(runes) > 0; {
			cut := min(len(runes), width)
			folded = append(folded, string(runes[:cut]))
			runes = runes[cut:]
		}
	}
	return folded
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// search looks for everything that was to be sealed in all that crossed the
// connections, as it is and in base64.
func (st *stage) search(out io.Writer) error {
	taps := map[string]*tap{"originator": st.originatorTap, "responder": st.responderTap}
	recorded := 0
	for side, tap := range taps {
		for _, text := range st.plaintext {
			if tap.contains(text) {
				return fmt.Errorf("plaintext crossed the %s's connection: %q", side, text)
			}
		}
		// A search that finds nothing has to be able to find something.
		if !tap.contains(prefix) {
			return fmt.Errorf("the tap on the %s's connection can't be trusted", side)
		}
		recorded += len(tap.seen())
	}
	fmt.Fprintf(out, "Checked: %d scenes came out as they should; what was sealed carried a binding.\n", len(scenes))
	fmt.Fprintf(out, "Searched: none of %d plaintexts of what was to be sealed is in the %d messages that crossed the connections.\n", len(st.plaintext), recorded)
	return nil
}
