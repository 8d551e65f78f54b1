package leak_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/davecgh/go-spew/spew"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
)

var secret = []byte("\x81\x92Zebra crossing 41\xf7\x08")

// TestFound: a secret is found in every form, and wherever it begins in base64.
func TestFound(t *testing.T) {
	for shift := range 3 {
		text := append(make([]byte, shift), secret...)
		for _, form := range []string{
			string(text), fmt.Sprintf("%q", text), fmt.Sprintf("%+q", text), hex.EncodeToString(text), fmt.Sprintf("%X", text), fmt.Sprintf("% x", text),
			base64.StdEncoding.EncodeToString(text), base64.RawStdEncoding.EncodeToString(text),
			base64.URLEncoding.EncodeToString(text), base64.RawURLEncoding.EncodeToString(text),
			fmt.Sprint(text), fmt.Sprintf("%#v", text), spew.Sdump(text),
			fmt.Sprint(wordsOf(text[shift:])), fmt.Sprintf("%#v", wordsOf(text[shift:])), spew.Sdump(wordsOf(text[shift:])),
		} {
			require.NotEmpty(t, leak.Found(form, secret), form)
		}
	}
	require.Empty(t, leak.Found("Zebra", secret))
}

func wordsOf(b []byte) (words []uint32) {
	for ; len(b) >= 4; b = b[4:] {
		words = append(words, binary.BigEndian.Uint32(b))
	}
	return words
}

type holder struct{ secret []byte }

// String doesn't redact.
func (h holder) String() string { return fmt.Sprint(h.secret) }

type leakyError struct{ Secret []byte }

func (e leakyError) Error() string { return "an error" }

// TestPrinted: whichever way a value prints its secret, it is seen, and through
// whatever holds the value.
func TestPrinted(t *testing.T) {
	for _, v := range []any{string(secret), secret, [23]byte(append(secret, 0, 0)), holder{secret}, struct{ s []byte }{secret}, struct{ S []byte }{secret}, leakyError{secret}} {
		require.NotZero(t, shown(leak.Printed(v)), "%T", v)
		require.NotZero(t, shown(leak.Dumped(v)), "%T", v)
	}
	require.NotEmpty(t, leak.Found(leak.Printed(leakyError{secret})["JSON"], secret))
}

// hiding shows nothing where its methods are called.
type hiding struct{ s []byte }

func (hiding) String() string             { return "hiding" }
func (hiding) GoString() string           { return "hiding" }
func (hiding) Format(f fmt.State, _ rune) { fmt.Fprint(f, "hiding") }

// deeper shows nothing to those who don't follow pointers.
type deeper struct{ h *hiding }

// TestHolders: what is hidden by methods shows in a field that isn't exported, and
// what is behind a pointer in dumps and under odd verbs; behind a func value it
// doesn't.
func TestHolders(t *testing.T) {
	require.Empty(t, leak.Found(fmt.Sprintf("%v %+v %#v", hiding{secret}, hiding{secret}, []any{hiding{secret}}), secret))
	require.NotZero(t, shown(leak.Printed(hiding{secret})))
	pointer := deeper{&hiding{secret}}
	require.Empty(t, leak.Found(fmt.Sprintf("%v %+v %#v", pointer, pointer, []any{pointer}), secret))
	require.NotEmpty(t, leak.Found(leak.Printed(pointer)["%s"], secret), "a verb that doesn't fit a pointer follows it")
	require.NotZero(t, shown(leak.Dumped(pointer)))
	leak.RequireHidden(t, struct{ f func() []byte }{func() []byte { return secret }}, secret)
	for _, x := range leak.Holders(string(secret))[1:] {
		walking := spew.ConfigState{DisableMethods: true}
		require.NotEmpty(t, leak.Found(walking.Sdump(x), secret), "%T", x)
	}
}

// shown counts the texts that show the secret.
func shown(texts map[string]string) int {
	n := 0
	for _, text := range texts {
		if leak.Found(text, secret) != "" {
			n++
		}
	}
	return n
}

func TestExportedTypes(t *testing.T) {
	require.ElementsMatch(t, []string{"Exported", "Alias", "Grouped"}, leak.ExportedTypes(t, "testdata"))
}
