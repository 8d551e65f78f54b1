package leak

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"}

// Printed returns what fmt, JSON and slog make of a value, and of what holds it.
func Printed(v any) map[string]string {
	texts := map[string]string{}
	for _, x := range []any{v, []any{v}, map[string]any{"k": v}, struct{ V any }{v}, &struct{ V any }{v}} {
		for _, verb := range verbs {
			texts[verb] += fmt.Sprintf(verb, x)
		}
		data, _ := json.Marshal(x)
		texts["JSON"] += string(data)
		var text, lines bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", x, "g", slog.GroupValue(slog.Any("v", x)))
		slog.New(slog.NewJSONHandler(&lines, nil)).Info("m", "v", x, "g", slog.GroupValue(slog.Any("v", x)))
		texts["slog text"] += text.String()
		texts["slog JSON"] += lines.String()
	}
	if err, ok := v.(error); ok {
		texts["Error"] = err.Error()
	}
	return texts
}

// RequireAbsent requires that nothing that prints v shows one of the secrets.
func RequireAbsent(t testing.TB, v any, secrets ...[]byte) {
	t.Helper()
	for how, text := range Printed(v) {
		RequireTextWithout(t, how, text, secrets...)
	}
}

// RequireTextWithout requires that a text, which came about somehow, shows none of the
// secrets.
func RequireTextWithout(t testing.TB, how, text string, secrets ...[]byte) {
	t.Helper()
	require.NotEmpty(t, secrets)
	for _, secret := range secrets {
		require.GreaterOrEqual(t, len(secret), enough)
		if form := Found(text, secret); form != "" {
			require.Failf(t, "a secret shows", "%s: %q in %s", how, form, text)
		}
	}
}
