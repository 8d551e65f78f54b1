package renewal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

var area = keyring.Prefix("com.myapp.")

// master makes a file with a pair of which one version seals, and one is to come.
func master(t *testing.T) (f renewal.File, seals, comes string) {
	t.Helper()
	f = renewal.File{File: keyfile.New(), Path: "master.json"}
	for _, from := range []time.Time{{}, time.Now().Add(time.Hour)} {
		manner := renewal.Manner{}
		v := manner.Version(time.Now())
		v.Originator, v.Responder = renewal.PrivateSide(cryptobox.GenerateKey()), renewal.PrivateSide(cryptobox.GenerateKey())
		v.Dates.ActiveFrom = renewal.Moment(from)
		require.NoError(t, f.Add(area, v))
	}
	versions, err := f.OfPattern(area)
	require.NoError(t, err)
	return f, versions[1].ID, versions[0].ID
}

// TestReplace: what ends is revoked, and what comes after it seals at once, be others to come or not.
func TestReplace(t *testing.T) {
	f, seals, comes := master(t)
	keep := renewal.Moment(time.Now().Add(24 * time.Hour))
	r := renewal.Renewal{Pattern: area, Now: time.Now()}
	made, err := r.Replace(f, renewal.Ending{IDs: []string{seals, comes}, Unknown: func(string) bool { return false }, Keep: keep})
	require.NoError(t, err)
	require.Equal(t, keyring.StateActive, made.State)
	require.Equal(t, comes, made.Old)
	require.Len(t, r.Versions, 3)
	for _, v := range r.Versions[1:] {
		require.Equal(t, keyring.StateRevoked, v.State)
		require.True(t, v.Dates.NotAfter.Equal(keep))
		require.True(t, v.Dates.ActiveFrom.Before(made.Dates.ActiveFrom))
	}
	ring, err := f.Ring()
	require.NoError(t, err)
	e, err := ring.Lookup("com.myapp.x")
	require.NoError(t, err)
	for _, role := range []keyring.Role{keyring.RoleOriginator, keyring.RoleResponder} {
		v, err := e.Sealer(role)
		require.NoError(t, err)
		require.Equal(t, made.ID, v.ID())
	}
}

// TestReplaceUnknown: what nobody else has leaves no trace, be it all that there is.
func TestReplaceUnknown(t *testing.T) {
	f, seals, comes := master(t)
	r := renewal.Renewal{Pattern: area, Now: time.Now()}
	made, err := r.Replace(f, renewal.Ending{IDs: []string{seals, comes}, Unknown: func(string) bool { return true }})
	require.NoError(t, err)
	require.Len(t, r.Versions, 1)
	require.Equal(t, made.ID, r.Versions[0].ID)
}

// TestReplaceLater: what stays and is to come would seal in the new one's place.
func TestReplaceLater(t *testing.T) {
	f, seals, comes := master(t)
	r := renewal.Renewal{Pattern: area, Now: time.Now()}
	_, err := r.Replace(f, renewal.Ending{IDs: []string{seals}, Unknown: func(string) bool { return false }, Keep: time.Now()})
	var later *renewal.LaterError
	require.ErrorAs(t, err, &later)
	require.Equal(t, comes, later.ID)
}

// TestEnd: a version that only opens ends alone, and the one that seals goes on.
func TestEnd(t *testing.T) {
	f, opens, seals := master(t)
	require.NoError(t, f.SetDates(area, seals, keyring.Dates{ActiveFrom: renewal.Moment(time.Now().Add(-time.Hour))}))
	require.NoError(t, f.End(area, renewal.Ending{IDs: []string{opens}, Unknown: func(string) bool { return false }, Keep: time.Now()}, time.Now()))
	versions, err := f.OfPattern(area)
	require.NoError(t, err)
	require.Len(t, versions, 2)
	require.Equal(t, seals, versions[0].ID)
	require.Equal(t, keyring.StateActive, versions[0].State)
	require.Equal(t, keyring.StateRevoked, versions[1].State)
}
