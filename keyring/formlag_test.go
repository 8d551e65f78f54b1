package keyring_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestFormIsNotBehind: what seals by the ring's word opens through a Form too, also while very many
// patterns change.
func TestFormIsNotBehind(t *testing.T) {
	const n, role = 20_000, keyring.RoleOriginator
	source := func(add bool) *keyring.Ring {
		with, key, next := keyring.New(), ours("k"), ours("next")
		for i := range n {
			p := exact(fmt.Sprintf("com.myapp.device%d.status", i))
			require.NoError(t, with.Set(p, key))
			if add {
				require.NoError(t, with.Add(p, next, from(past)))
			}
		}
		return scrambled(t, with)
	}
	r, later := keyring.New(), source(true)
	update(t, r, "file", source(false))
	const uri = "com.myapp.device0.status"
	form := formOf(t, r, "realm1", uri)
	seals := func() string {
		v, err := look(t, r, uri).Sealer(role)
		require.NoError(t, err)
		return v.ID()
	}
	before, text := seals(), form.URI(uri)
	_, err := form.Lookup(text)
	require.NoError(t, err)
	changed := make(chan error, 1)
	go func() {
		_, err := r.Update("file", later)
		changed <- err
	}()
	id := before
	for id == before {
		id = seals()
	}
	e, err := form.Lookup(text)
	require.NoError(t, err)
	_, err = e.Named(keyring.RoleResponder, id)
	require.NoError(t, err)
	require.NoError(t, <-changed)
}
