package lint_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/lint"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestUnsealed: the first time from now on in which nothing seals.
func TestUnsealed(t *testing.T) {
	now := time.Now()
	at := func(hours int) time.Time {
		if hours == 0 {
			return time.Time{}
		}
		return now.Add(time.Duration(hours) * time.Hour)
	}
	v := func(from, until int) keyring.VersionInfo {
		return keyring.VersionInfo{State: keyring.StateActive, Dates: keyring.Dates{ActiveFrom: at(from), NotAfter: at(until)}}
	}
	revoked := func(from int) keyring.VersionInfo {
		info := v(from, 0)
		info.State = keyring.StateRevoked
		return info
	}
	for name, test := range map[string]struct {
		versions    []keyring.VersionInfo // the latest first
		from, until time.Time
		found       bool
	}{
		"always":                           {[]keyring.VersionInfo{v(0, 0)}, at(0), at(0), false},
		"since a while":                    {[]keyring.VersionInfo{v(-2, 0), v(0, -1)}, at(0), at(0), false},
		"a rotation":                       {[]keyring.VersionInfo{v(2, 0), v(0, 5)}, at(0), at(0), false},
		"to the moment":                    {[]keyring.VersionInfo{v(2, 0), v(0, 2)}, at(0), at(0), false},
		"it ends":                          {[]keyring.VersionInfo{v(0, 3)}, at(3), at(0), true},
		"it has ended":                     {[]keyring.VersionInfo{v(0, -3)}, now, at(0), true},
		"it hasn't begun":                  {[]keyring.VersionInfo{v(3, 0)}, now, at(3), true},
		"it ends before the next":          {[]keyring.VersionInfo{v(4, 0), v(0, 3)}, at(3), at(4), true},
		"it has, and the next comes":       {[]keyring.VersionInfo{v(4, 0), v(0, -3)}, now, at(4), true},
		"two gaps":                         {[]keyring.VersionInfo{v(8, 9), v(4, 5), v(0, 2)}, at(2), at(4), true},
		"revoked":                          {[]keyring.VersionInfo{revoked(0)}, now, at(0), true},
		"the older one doesn't count":      {[]keyring.VersionInfo{revoked(-1), v(0, 0)}, now, at(0), true},
		"the next one is revoked":          {[]keyring.VersionInfo{revoked(4), v(0, 0)}, at(4), at(0), true},
		"two that are":                     {[]keyring.VersionInfo{revoked(4), revoked(0)}, now, at(0), true},
		"one that is, and one in between":  {[]keyring.VersionInfo{v(6, 0), revoked(4), v(0, 3)}, at(3), at(6), true},
		"a revoked one without a date":     {[]keyring.VersionInfo{v(0, 0), revoked(0)}, at(0), at(0), false},
		"what is long over doesn't matter": {[]keyring.VersionInfo{v(-1, 0), v(-5, -4), revoked(-9)}, at(0), at(0), false},
	} {
		from, until, found := lint.Unsealed(test.versions, now)
		require.Equal(t, test.found, found, name)
		require.Equal(t, [2]time.Time{test.from, test.until}, [2]time.Time{from, until}, name)
	}
}
