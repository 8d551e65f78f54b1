package main

import (
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// version gives one of a key as the files of both roles have it, and its id.
func version(dates keyring.Dates) (sides map[string]*keyfile.Version, id string) {
	o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	of := func(o, r keyfile.Side) *keyfile.Version {
		return &keyfile.Version{Dates: dates, Originator: &o, Responder: &r}
	}
	return map[string]*keyfile.Version{
		"originator": of(keyfile.Side{Private: keyfile.PrivateKey(o)}, keyfile.Side{Public: keyfile.PublicKey(r.Public())}),
		"responder":  of(keyfile.Side{Public: keyfile.PublicKey(o.Public())}, keyfile.Side{Private: keyfile.PrivateKey(r)}),
	}, cryptobox.PairID(cryptobox.SuiteBox, o.Public(), r.Public()).String()
}

// create makes the files of both roles, and returns the key's id.
func (r *rotation) create() (id string) {
	r.t.Helper()
	sides, id := version(keyring.Dates{})
	for role, v := range sides {
		f := keyfile.New()
		require.NoError(r.t, f.Add(pattern, v))
		require.NoError(r.t, keyfile.Create(r.file(role), f))
	}
	return id
}

func (r *rotation) update(change func(role string, f *keyfile.File) error) {
	r.t.Helper()
	for _, role := range []string{"originator", "responder"} {
		require.NoError(r.t, keyfile.Update(r.file(role), func(f *keyfile.File) error { return change(role, f) }))
	}
}

func (r *rotation) file(role string) string { return filepath.Join(r.keys, role+".json") }

// deliver puts a role's file in place in one step.
func (r *rotation) deliver(role, path string) {
	r.t.Helper()
	data, err := os.ReadFile(r.file(role))
	require.NoError(r.t, err)
	require.NoError(r.t, os.WriteFile(path+".new", data, 0o600))
	require.NoError(r.t, os.Rename(path+".new", path))
}
