package interop_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

// TestLiveAuthentication: the example joins a realm of Crossbar.io's by each method, and
// with another secret it doesn't.
func TestLiveAuthentication(t *testing.T) {
	all := startLive(t)
	for _, to := range []struct{ method, secret, denied string }{
		{"ticket", interop.Ticket, "ticket in static WAMP-Ticket authentication is invalid"},
		{"wampcra", interop.Password, "WAMP-CRA client signature is invalid"},
		{"cryptosign", interop.SigningSeed, "does not match any one of authorized_keys"},
	} {
		t.Run(to.method, func(t *testing.T) {
			l := all.in(t)
			join := func(authid, secret string) (*proc.Process, int) {
				file := filepath.Join(t.TempDir(), "secret")
				require.NoError(t, os.WriteFile(file, []byte(secret+"\n"), 0o600))
				return proc.Run(t, "authenticate", "-router", l.suite.Node.AuthURL(), "-realm", interop.Realm,
					"-authid", authid, "-method", to.method, "-secret", file)
			}
			p, status := join(interop.AuthID, to.secret)
			require.Zero(t, status, p.Stderr())
			require.Equal(t, fmt.Sprintf("joined as %q in the role %q by %q\n", interop.AuthID, interop.AuthRole, to.method), p.Stdout())

			p, status = join(interop.AuthID, strings.Repeat("0", 64))
			require.Equal(t, 1, status)
			require.Contains(t, p.Stderr(), to.denied)
			require.NotContains(t, p.Stderr()+p.Stdout(), to.secret)

			p, status = join("somebody", to.secret)
			require.Equal(t, 1, status)
			require.Contains(t, p.Stderr(), "no principal with authid")
		})
	}
}
