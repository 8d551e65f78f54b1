package authority_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// enrolled makes a member, and enrols it.
func enrolled(t testing.TB, a *authority.Authority, name string, hybrid bool) *keyservice.Identity {
	t.Helper()
	i, err := keyservice.GenerateIdentity(name, hybrid)
	require.NoError(t, err)
	e, err := i.Enrolment()
	require.NoError(t, err)
	require.NoError(t, a.Enrol(e))
	return i
}

func TestSmoke(t *testing.T) {
	dir := t.TempDir() + "/a"
	a, err := authority.Init(dir, authority.Options{})
	require.NoError(t, err)
	enrolled(t, a, "shop", false)
	enrolled(t, a, "desk", false)
	p := keyring.Prefix("com.myapp.")
	require.NoError(t, a.Grant(authority.GrantOptions{}, authority.Granting{"shop", p, authority.Both}))
	require.NoError(t, a.Grant(authority.GrantOptions{}, authority.Granting{"desk", p, authority.Originator}))
	a.Close()
	b, err := authority.Open(dir, authority.Options{})
	require.NoError(t, err)
	defer b.Close()
	require.Equal(t, a.Key(), b.Key())
	shown, err := b.Show()
	require.NoError(t, err)
	old := shown.Patterns[0].Versions[0].ID
	_, err = b.Withdraw("desk", p)
	require.NoError(t, err)
	shown, err = b.Show()
	require.NoError(t, err)
	require.Len(t, shown.Patterns[0].Versions, 1, "nobody had the old one")
	require.NotEqual(t, old, shown.Patterns[0].Versions[0].ID)
	t.Logf("%+v", shown)
}
