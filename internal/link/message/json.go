package message

import (
	"bytes"
	"math"
	"reflect"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	ugorji "github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// jsonSyntax is JSON. It is told apart by its signs alone: what stands between them
// need not be JSON.
type jsonSyntax struct{}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func skipSpace(b []byte, i int) int {
	for i < len(b) && space(b[i]) {
		i++
	}
	return i
}

func (*jsonSyntax) head(b []byte, i int) codec.Head {
	i = skipSpace(b, i)
	if i >= len(b) {
		return codec.Head{}
	}
	h := codec.Head{Start: i, From: i + 1, End: i + 1}
	switch c := b[i]; c {
	case '"':
		return jsonText(b, h)
	case '[':
		h.Kind, h.Open = codec.KindList, true
	case '{':
		h.Kind, h.Open = codec.KindMap, true
	case ']', '}', ',', ':':
		return codec.Head{}
	default:
		return jsonWord(b, h)
	}
	return h
}

func jsonText(b []byte, h codec.Head) codec.Head {
	h.Kind = codec.KindText
	at, quote := h.From, -1 // the first quotation mark from at on
	for {
		if quote < at {
			n := bytes.IndexByte(b[min(at, len(b)):], '"')
			if n < 0 {
				return codec.Head{}
			}
			quote = at + n
		}
		escape := bytes.IndexByte(b[at:quote], '\\')
		if escape < 0 {
			break
		}
		h.Open = true
		at += escape + 2
	}
	h.N = uint64(quote - h.From)
	h.End = quote + 1
	return h
}

// jsonWord reads what goes on until a sign follows.
func jsonWord(b []byte, h codec.Head) codec.Head {
	i := h.Start
	whole, number := true, true
	for ; i < len(b); i++ {
		c := b[i]
		if c >= '0' && c <= '9' || c == '-' && i == h.Start {
			continue
		}
		switch c {
		case '.', 'e', 'E', '+', '-':
			whole = false
			continue
		case ' ', '\n', '\r', '\t', ',', ']', '}', ':', '"', '[', '{':
		default:
			whole, number = false, false
			continue
		}
		break
	}
	h.End = i
	word := b[h.Start:i]
	switch {
	case whole && jsonInteger(word, &h):
	case number:
		h.Kind = codec.KindNumber
	case string(word) == "null":
		h.Kind = codec.KindNull
	case string(word) == "true":
		h.Kind = codec.KindTrue
	case string(word) == "false":
		h.Kind = codec.KindFalse
	default:
		h.Kind = codec.KindJunk
	}
	return h
}

// jsonInteger reads an integer of up to 18 digits.
func jsonInteger(word []byte, h *codec.Head) bool {
	digits := word
	negative := word[0] == '-'
	if negative {
		digits = word[1:]
	}
	if len(digits) == 0 || len(digits) > 18 || digits[0] == '0' && len(digits) > 1 {
		return false
	}
	h.N = 0
	for _, c := range digits {
		h.N = h.N*10 + uint64(c-'0')
	}
	h.Kind = codec.KindUint
	if negative {
		h.Kind, h.N = codec.KindInt, -h.N
	}
	return true
}

func (*jsonSyntax) next(b []byte, i int, first bool, of codec.Kind) (int, bool) {
	i = skipSpace(b, i)
	if i >= len(b) {
		return -1, false
	}
	switch c := b[i]; {
	case c == ']' && of == codec.KindList, c == '}' && of == codec.KindMap:
		return i + 1, false
	case first:
		return i, true
	case c == ',':
		return i + 1, true
	}
	return -1, false
}

func (*jsonSyntax) behindKey(b []byte, i int) int {
	i = skipSpace(b, i)
	if i >= len(b) || b[i] != ':' {
		return -1
	}
	return i + 1
}

func (*jsonSyntax) textKey(_ []byte, h codec.Head) bool {
	return h.Kind == codec.KindText || h.Kind == codec.KindNull
}

// appendContent replaces the escapes of text.
func (*jsonSyntax) appendContent(to, b []byte, h codec.Head) ([]byte, bool) {
	text := b[h.From : h.From+int(h.N)]
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return append(to, text...), true
		}
		to = append(to, text[:i]...)
		c := text[i+1] // the head has seen it
		text = text[i+2:]
		switch c {
		case '"', '\\', '/', '\'':
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r, n, ok := escapedRune(text)
			if !ok {
				return to, false
			}
			to = utf8.AppendRune(to, r)
			text = text[n:]
			continue
		default:
			return to, false
		}
		to = append(to, c)
	}
}

// escapedRune reads the rune behind \u, and how many bytes it has. What are no hexadecimal
// digits stand for U+FFFD. A surrogate takes the next six bytes with it, whatever they
// are. None may be half an escape: text would end elsewhere then.
func escapedRune(text []byte) (r rune, n int, ok bool) {
	if len(text) < 4 || bytes.IndexByte(text[:4], '\\') >= 0 {
		return 0, 0, false
	}
	r = hexRune(text)
	if !utf16.IsSurrogate(r) {
		return r, 4, true
	}
	if len(text) < 10 {
		return 0, 0, false
	}
	pair := text[4] == '\\' && text[5] == 'u'
	switch {
	case bytes.IndexByte(text[6:10], '\\') >= 0:
		return 0, 0, false
	case pair:
		return utf16.DecodeRune(r, hexRune(text[6:])), 10, true
	case text[4] == '\\' || text[5] == '\\':
		return 0, 0, false
	}
	return unicode.ReplacementChar, 10, true
}

func hexRune(text []byte) (r rune) {
	for _, c := range text[:4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return unicode.ReplacementChar
		}
	}
	return r
}

func (*jsonSyntax) special(b []byte, h codec.Head) (any, bool) {
	if h.Kind != codec.KindNumber {
		return nil, false
	}
	return jsonPool.decode(b[h.Start:h.End])
}

// appendJSONFloat keeps whole numbers apart from integers, up to where floats have no
// fractions.
func appendJSONFloat(b []byte, v float64) []byte {
	abs := math.Abs(v)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return append(b, "null"...)
	case abs != 0 && (abs < 1e-6 || abs >= 1e21):
		return strconv.AppendFloat(b, v, 'e', -1, 64)
	case v == math.Trunc(v) && abs < 1<<52:
		return strconv.AppendFloat(b, v, 'f', 1, 64)
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}

// plainText are the characters below utf8.RuneSelf that stand for themselves. Those
// that mean something in HTML don't, as nexus writes them.
var plainText = func() (plain [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		plain[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return plain
}()

func appendJSONText(b []byte, v string) []byte {
	b = append(b, '"')
	done := 0
	for i := 0; i < len(v); {
		c := v[i]
		if plainText[c] {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			b = appendEscaped(append(b, v[done:i]...), c)
			i++
			done = i
			continue
		}
		r, n := utf8.DecodeRuneInString(v[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b = append(append(b, v[done:i]...), `\uFFFD`...)
		case r == '\u2028':
			b = append(append(b, v[done:i]...), `\u2028`...)
		case r == '\u2029':
			b = append(append(b, v[done:i]...), `\u2029`...)
		default:
			i += n
			continue
		}
		i += n
		done = i
	}
	return append(append(b, v[done:]...), '"')
}

func appendEscaped(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, `\n`...)
	case '\t':
		return append(b, `\t`...)
	case '\r':
		return append(b, `\r`...)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	}
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
}

func (*jsonSyntax) appendOther(b []byte, v any) ([]byte, error) { return jsonPool.encode(b, v) }

// jsonPool is set up as nexus's serializer, but for a fault of that.
var jsonPool = newPool(func() ugorji.Handle {
	handle := new(ugorji.JsonHandle)
	handle.MapType = reflect.TypeFor[map[string]any]()
	handle.NoAddressableReadonly = true // else it reads foreign memory: codec.AtAnAddress
	return handle
}())
