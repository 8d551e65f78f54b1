package live

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
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// jsonOf writes a list of arguments or keyword arguments as JSON. What came in plain has
// the types of its serializer; those of a record are made of them first.
func jsonOf(args []any, kwargs map[string]any) (list, object json.RawMessage, err error) {
	if args == nil {
		args = []any{}
	}
	if kwargs == nil {
		kwargs = map[string]any{}
	}
	text, err := cryptobox.CBOR.Encode(cryptobox.NewRecord("", args, kwargs, nil))
	if err != nil {
		return nil, nil, fmt.Errorf("what arrived doesn't exist in JSON: %w", err)
	}
	record, err := cryptobox.CBOR.Decode(text)
	if err != nil {
		return nil, nil, fmt.Errorf("what arrived doesn't exist in JSON: %w", err)
	}
	return appendValue(nil, record.Args()), appendValue(nil, record.Kwargs()), nil
}

// appendValue writes a value of a record.
func appendValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case uint64:
		return strconv.AppendUint(dst, v, 10)
	case *big.Int:
		return v.Append(dst, 10)
	case float64:
		return appendFloat(dst, v)
	case string:
		return appendText(dst, v)
	case []byte:
		return appendText(dst, "\x00"+base64.StdEncoding.EncodeToString(v))
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			dst = appendValue(appendComma(dst, i), e)
		}
		return append(dst, ']')
	case map[string]any:
		dst = append(dst, '{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			dst = append(appendText(appendComma(dst, i), name), ':')
			dst = appendValue(dst, v[name])
		}
		return append(dst, '}')
	}
	return appendText(dst, fmt.Sprintf("%T", v)) // a record has no other types
}

func appendComma(dst []byte, i int) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return dst
}

// appendFloat writes a float so that it is read as one. JSON has no NaN and no
// infinities: these become text.
func appendFloat(dst []byte, f float64) []byte {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	switch {
	case strings.ContainsAny(text, "NI"):
		return appendText(dst, text)
	case !strings.ContainsAny(text, ".e"):
		text += ".0"
	}
	return append(dst, text...)
}

// appendText leaves what HTML escapes as it is.
func appendText(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, strings.ToValidUTF8(s, "\uFFFD"))
	return dst
}

// print writes a value as JSON to standard output, in one line unless it is indented.
func (env Env) print(v any, indent string) error {
	line, err := textOf(v, indent)
	if err != nil {
		return err
	}
	if _, err := env.Stdout.Write(line); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

func textOf(v any, indent string) ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return escapeControls(line.Bytes()), nil
}

// escapeControls escapes those control characters that JSON lets stand as they are: a
// terminal may take them for commands, and others wrote them. They occur in strings only.
func escapeControls(line []byte) []byte {
	control := func(r rune) bool { return r >= 0x7f && r <= 0x9f }
	if !bytes.ContainsFunc(line, control) {
		return line
	}
	var out []byte
	for len(line) > 0 {
		r, size := utf8.DecodeRune(line)
		if control(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, line[:size]...)
		}
		line = line[size:]
	}
	return out
}
