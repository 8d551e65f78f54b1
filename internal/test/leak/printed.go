package leak

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/davecgh/go-spew/spew"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Verbs are fmt's, and one that it doesn't know.
var Verbs = []string{
	"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%#x", "% x", "%d", "%o", "%b", "%c", "%e", "%U", "%t", "%10.3v",
	"%" + string(rune('z')),
}

// carrier is an error that doesn't tell what it carries.
type carrier struct{ carried any }

func (carrier) Error() string { return "an error" }

// Holders gives a value as it is, and in all kinds of things that hold one. Of what
// is in a field that isn't exported nobody can ask how it prints.
func Holders(v any) []any {
	err := carrier{v}
	return []any{
		v, &v, []any{v}, [1]any{v}, map[string]any{"k": v},
		struct{ V any }{v}, &struct{ V any }{v}, struct{ V []any }{[]any{v}}, struct{ V map[string]any }{map[string]any{"k": v}},
		struct{ v any }{v}, &struct{ v any }{v}, struct{ v *any }{&v}, struct{ v []any }{[]any{v}}, struct{ v map[string]any }{map[string]any{"k": v}},
		struct{ V struct{ v any } }{struct{ v any }{v}},
		err, &err, fmt.Errorf("it: %w", err), errors.Join(err, err), struct{ Err error }{err}, struct{ err error }{err},
	}
}

// Printed returns what fmt, slog and the standard library's encodings make of a
// value, and of what holds it.
func Printed(v any) map[string]string {
	texts := map[string]string{}
	for _, x := range Holders(v) {
		for _, verb := range Verbs {
			texts[verb] += fmt.Sprintf(verb, x) + "\n"
		}
		for how, text := range encoded(x) {
			texts[how] += text + "\n"
		}
	}
	if err, ok := v.(error); ok {
		texts["Error"] = err.Error()
	}
	return texts
}

func encoded(x any) map[string]string {
	data, _ := json.Marshal(x)
	tagged, _ := xml.Marshal(x)
	var text, lines bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", x, "g", slog.GroupValue(slog.Any("v", x)))
	slog.New(slog.NewJSONHandler(&lines, nil)).Info("m", "v", x, "g", slog.GroupValue(slog.Any("v", x)))
	return map[string]string{
		"JSON": string(data), "XML": string(tagged), "gob": inGob(x), "slog text": text.String(), "slog JSON": lines.String(),
	}
}

// inGob is what gob writes before it fails, if it does. It panics at pointers to
// pointers that marshal themselves.
func inGob(x any) string {
	var buf bytes.Buffer
	func() {
		defer func() { _ = recover() }()
		_ = gob.NewEncoder(&buf).Encode(x)
	}()
	return buf.String()
}

// Dumped returns what go-spew and failing assertions make of a value, and of what
// holds it: they follow pointers, and walk fields without asking. Nothing may
// change the value meanwhile.
func Dumped(v any) map[string]string {
	walking := spew.ConfigState{Indent: " ", DisableMethods: true, DisablePointerMethods: true}
	texts := map[string]string{}
	for _, x := range Holders(v) {
		texts["spew"] += spew.Sdump(x)
		texts["spew without methods"] += walking.Sdump(x)
		var failed failure
		assert.Equal(&failed, struct{ V any }{}, struct{ V any }{x})
		assert.Equal(&failed, x, struct{ other int }{})
		texts["testify"] += string(failed)
	}
	return texts
}

// failure keeps what an assertion says.
type failure string

// Errorf keeps the text.
func (f *failure) Errorf(format string, args ...any) { *f += failure(fmt.Sprintf(format, args...)) }

// RequireAbsent requires that nothing that prints v shows one of the secrets.
func RequireAbsent(t testing.TB, v any, secrets ...[]byte) {
	t.Helper()
	requireWithout(t, Printed(v), secrets)
}

// RequireHidden is RequireAbsent for dumps too.
func RequireHidden(t testing.TB, v any, secrets ...[]byte) {
	t.Helper()
	RequireAbsent(t, v, secrets...)
	requireWithout(t, Dumped(v), secrets)
}

// RequireTextWithout requires that a text, which came about somehow, shows none of the
// secrets.
func RequireTextWithout(t testing.TB, how, text string, secrets ...[]byte) {
	t.Helper()
	requireWithout(t, map[string]string{how: text}, secrets)
}

func requireWithout(t testing.TB, texts map[string]string, secrets [][]byte) {
	t.Helper()
	require.NotEmpty(t, secrets)
	for _, secret := range secrets {
		require.GreaterOrEqual(t, len(secret), enough)
		needles := needlesOf(secret)
		for how, text := range texts {
			if form := found(text, needles); form != "" {
				require.Failf(t, "a secret shows", "%s: %q in %.2000s", how, form, text)
			}
		}
	}
}
