package keyservice

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// TestPauseOfAGrantWithoutEnd: a grant may count up to the year 9999, which is further away than a
// time.Duration reaches. Nobody waits in a loop for that.
func TestPauseOfAGrantWithoutEnd(t *testing.T) {
	end := time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	w := &Watcher{member: &member{}}
	w.told.stale = true
	w.schedule.due = time.Now().Add(time.Minute)
	w.lent.grant = &granted{grant: statement.Grant{Issued: time.Now(), Expires: end}}
	w.lent.opensUntil = end
	require.Greater(t, w.pause(), 50*time.Second)
}
