package guard_test

import (
	"bytes"
	"log"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// hole is the value in whose place [splice] puts bytes.
const hole = "HOLE"

// splice encodes a message and puts raw in the place of its one hole: what no encoder
// writes.
func splice(t testing.TB, encoding string, raw []byte, elements ...any) []byte {
	t.Helper()
	data, err := handrouter.Encode(encoding, elements)
	require.NoError(t, err)
	written, err := handrouter.Encode(encoding, []any{hole})
	require.NoError(t, err)
	written = written[1:] // without the list
	if encoding == "json" {
		written = written[:len(written)-1]
	}
	require.Equal(t, 1, bytes.Count(data, written))
	return bytes.Replace(data, written, raw, 1)
}

// lines are what was logged.
type lines struct{ harness.Buffer }

func (l *lines) count(part string) int { return strings.Count(l.String(), part) }

// logged has the stage's clients log into lines.
func (st *stage) logged() *lines {
	l := new(lines)
	before := st.change
	st.change = func(cfg *client.Config) {
		if before != nil {
			before(cfg)
		}
		cfg.Logger = log.New(l, "", 0)
	}
	return l
}
