package leak_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"testing"

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
			fmt.Sprint(text), fmt.Sprintf("%#v", text),
		} {
			require.NotEmpty(t, leak.Found(form, secret), form)
		}
	}
	require.Empty(t, leak.Found("Zebra", secret))
}

type holder struct{ secret []byte }

// String doesn't redact.
func (h holder) String() string { return fmt.Sprint(h.secret) }

type leakyError struct{ Secret []byte }

func (e leakyError) Error() string { return "an error" }

// TestPrinted: whichever way a value prints its secret, it is seen.
func TestPrinted(t *testing.T) {
	for _, v := range []any{string(secret), secret, [23]byte(append(secret, 0, 0)), holder{secret}, struct{ s []byte }{secret}, struct{ S []byte }{secret}, leakyError{secret}} {
		found := 0
		for _, text := range leak.Printed(v) {
			if leak.Found(text, secret) != "" {
				found++
			}
		}
		require.NotZero(t, found, "%T", v)
	}
	require.NotEmpty(t, leak.Found(leak.Printed(leakyError{secret})["JSON"], secret))
}

func TestExportedTypes(t *testing.T) {
	require.ElementsMatch(t, []string{"Exported", "Alias", "Grouped"}, leak.ExportedTypes(t, "testdata"))
}
