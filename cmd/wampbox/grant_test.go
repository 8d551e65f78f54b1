package main_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// granted writes a file of a grant that was made, expires and ends at these times from now, with
// a pair's two halves.
func granted(t *testing.T, made, expires, ends time.Duration) (path, authority string, serial int64) {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	authority, serial = cryptobox.GenerateSigningKey().Public().String(), now.Add(made).UnixMilli()
	file := fmt.Sprintf(`{"version": 2, "grant": {"authority": %q, "serial": %d, "member": "shop", "expires": %q, "opens_until": %q}, "patterns": [
		{"prefix": "com.x.", "versions": [{"shared": %q}]}]}`, authority, serial, now.Add(expires).Format(time.RFC3339), now.Add(ends).Format(time.RFC3339), base64.StdEncoding.EncodeToString(cryptobox.GenerateSymmetricKey().UnsafeBytes()))
	return write(t, "keyring.json", []byte(file)), authority, serial
}

// TestGrant: list, explain and lint say whose grant a file is, and how long it counts.
func TestGrant(t *testing.T) {
	const day = 24 * time.Hour
	for state, tc := range map[string]struct {
		made, expires, ends time.Duration
		grant, version      string
		lint, fails         string
	}{
		"fresh":           {-day, 2 * day, 3 * day, "active", "active", "", ""},
		"half":            {-2 * day, day, 2 * day, "active", "active", "grant: half of the grant's time is over: its keys seal until ", ""},
		"expired":         {-4 * day, -day, day, "retired", "retired", "grant: the grant has ended: its keys seal nothing since ", "fails: the lease of the pattern's keys has ended: they sealed until "},
		"ended":           {-4 * day, -2 * day, -day, "expired", "expired", "grant: the grant has ended: its keys seal nothing since ", "fails: the lease of the pattern's keys has ended: they opened until "},
		"no time to tell": {10 * 365 * day, 2 * day, 3 * day, "active", "active", "", ""},
	} {
		t.Run(state, func(t *testing.T) {
			path, authority, serial := granted(t, tc.made, tc.expires, tc.ends)
			whose := fmt.Sprintf("for shop, serial %d, of the authority %s; its keys seal until ", serial, authority)

			out := wampbox(t, "list", path).fine(t)
			lines := strings.Split(out, "\n")
			require.Regexp(t, `^all with a key +- +- +- +grant +- +`+tc.grant+` +- +20\S+ +`+whose[:12], lines[1])
			require.Contains(t, lines[1], whose)
			require.Regexp(t, `^com\.x\. .* `+tc.version+` `, lines[2])
			var listed listJSON
			wampbox(t, "list", "-json", path).decode(t, &listed)
			g := listed.Files[0].Grant
			require.Equal(t, []any{authority, "shop", tc.grant, serial}, []any{g.Authority, g.Member, g.State, g.Serial})
			require.WithinDuration(t, time.Now().Add(tc.expires), g.Expires, time.Minute)
			require.WithinDuration(t, time.Now().Add(tc.ends), g.OpensUntil, time.Minute)

			explained := wampbox(t, "explain", "com.x.y", path)
			require.Contains(t, explained.out, whose)
			require.Equal(t, tc.fails != "", explained.status != 0)
			require.Contains(t, explained.out, tc.fails)

			found := wampbox(t, "lint", path)
			if tc.lint == "" {
				require.Empty(t, found.out)
				return
			}
			require.Equal(t, 1, found.status)
			require.True(t, strings.HasPrefix(found.out, path+": "+tc.lint), found.out)
			require.Equal(t, "1 finding\n", found.err, found.out)
		})
	}
}

// TestIdentityIsSaid: of a file that lacks its holder's key, the tool says which command writes it.
func TestIdentityIsSaid(t *testing.T) {
	public := must2(cryptobox.GenerateReadingKey(cryptobox.SuiteSigned)).Public().String()
	path := keyringFile(t, fmt.Sprintf(`{"prefix": "com.x.", "versions": [{"suite": "signed", "sign": "identity", "seal": %q}]}`, public))
	r := wampbox(t, "list", path)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.err, `sign: "identity" is the holder's own signing key: wampbox fetch writes it here`)
}
