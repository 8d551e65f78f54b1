package values

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// JSON writes a value of a record. What JSON doesn't have, and text that would read as
// binary data, becomes text that says it; exact is false then.
func JSON(v any) (text json.RawMessage, exact bool) {
	w := writer{exact: true}
	w.value(v)
	return w.out, w.exact
}

type writer struct {
	out   []byte
	exact bool
}

func (w *writer) value(v any) {
	switch v := v.(type) {
	case nil:
		w.add("null")
	case bool:
		w.out = strconv.AppendBool(w.out, v)
	case int64:
		w.out = strconv.AppendInt(w.out, v, 10)
	case uint64:
		w.out = strconv.AppendUint(w.out, v, 10)
	case *big.Int:
		w.out = v.Append(w.out, 10)
	case float64:
		w.float(v)
	case string:
		w.text(v)
	case []byte:
		w.quoted("\x00" + base64.StdEncoding.EncodeToString(v))
	case time.Time:
		w.instead(v.UTC().Format(time.RFC3339Nano))
	case []any:
		w.add("[")
		for i, e := range v {
			w.comma(i)
			w.value(e)
		}
		w.add("]")
	case map[string]any:
		w.add("{")
		for i, name := range slices.Sorted(maps.Keys(v)) {
			w.comma(i)
			w.text(name)
			w.add(":")
			w.value(v[name])
		}
		w.add("}")
	default:
		w.instead(fmt.Sprintf("%T", v)) // a record has no other types
	}
}

func (w *writer) add(s string) { w.out = append(w.out, s...) }

func (w *writer) comma(i int) {
	if i > 0 {
		w.add(",")
	}
}

// float writes a float so that it is read as one. JSON has no NaN and no infinities.
func (w *writer) float(f float64) {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	switch {
	case strings.ContainsAny(text, "NI"):
		w.instead(text)
		return
	case !strings.ContainsAny(text, ".e"):
		text += ".0"
	}
	w.add(text)
}

// text shows a leading NUL, which is for binary data, as its symbol. But what reads as binary
// data may be that: in plain, over JSON, it comes as text.
func (w *writer) text(s string) {
	rest, found := strings.CutPrefix(s, "\x00")
	if !found {
		w.quoted(s)
		return
	}
	if _, err := base64.StdEncoding.DecodeString(rest); err != nil {
		s = "\u2400" + rest
	}
	w.instead(s)
}

// instead writes a text in place of what JSON doesn't have.
func (w *writer) instead(s string) {
	w.exact = false
	w.quoted(s)
}

// quoted leaves what HTML escapes as it is.
func (w *writer) quoted(s string) {
	w.out, _ = jsontext.AppendQuote(w.out, strings.ToValidUTF8(s, "\uFFFD"))
}

// Text writes a value as a line of JSON, or several if it is indented, for a terminal too.
func Text(v any, indent string) ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return escapeControls(line.Bytes()), nil
}

// escapeControls escapes what JSON lets stand as it is, and a terminal may take for a
// command, or for a mark that turns the direction of text around: others wrote it. It
// occurs in strings only.
func escapeControls(line []byte) []byte {
	hidden := func(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) }
	if !bytes.ContainsFunc(line, hidden) {
		return line
	}
	var out []byte
	for len(line) > 0 {
		r, size := utf8.DecodeRune(line)
		switch high, low := utf16.EncodeRune(r); {
		case !hidden(r):
			out = append(out, line[:size]...)
		case high != unicode.ReplacementChar:
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		line = line[size:]
	}
	return out
}
