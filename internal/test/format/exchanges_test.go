package format_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/age"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/grantor"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// exchangeReasons are the reasons of exchanges, as errors.
var exchangeReasons = map[string]error{
	"Malformed": keyservice.ErrMalformed, "Forged": keyservice.ErrForged, "NotFresh": keyservice.ErrNotFresh,
	"Rollback": keyservice.ErrRollback, "Mixed": keyservice.ErrMixed, "Other": keyservice.ErrOther, "Ahead": keyservice.ErrAhead,
	"Expired": keyservice.ErrExpired, "Decrypt": keyservice.ErrDecrypt,
}

// configOf is a member of the file, whose cache has what it holds.
func configOf(t *testing.T, f *keyserviceFile, v *statementVector) keyservice.Config {
	t.Helper()
	var decrypt []age.Identity
	for _, name := range v.Ages {
		identities, err := age.ParseIdentities(strings.NewReader(f.Ages[name].Identity))
		require.NoError(t, err)
		decrypt = append(decrypt, identities...)
	}
	identity, err := keyservice.NewIdentity(v.Member, f.signing(t, v.Signer), decrypt...)
	require.NoError(t, err)
	cfg := keyservice.Config{Identity: identity, Cache: filepath.Join(t.TempDir(), "cache")}
	for _, name := range v.Authorities {
		key, err := cryptobox.ParseVerifyKey(f.Keys[name].Verify)
		require.NoError(t, err)
		cfg.Authorities = append(cfg.Authorities, key)
	}
	if v.Held != nil {
		require.NoError(t, os.WriteFile(cfg.Cache, exact(t, v.Held).([]byte), 0o600))
	}
	return cfg
}

// cached is what a member makes of the cache when it starts: what it says that it holds.
func cached(t *testing.T, f *keyserviceFile, v *statementVector) (serial uint64) {
	t.Helper()
	cfg := configOf(t, f, v)
	require.NoError(t, os.WriteFile(cfg.Cache, exact(t, v.Wire).([]byte), 0o600))
	c := grantor.NewClient(nil)
	c.OnCall(func(_ context.Context, wire []byte) (*wamp.Result, error) {
		get, err := statement.OpenGet(wire, f.signing(t, v.Signer).Public())
		require.NoError(t, err)
		serial = get.Serial
		return nil, errors.New("the cache is enough")
	})
	synctest.Test(t, func(*testing.T) {
		time.Sleep(time.Until(time.UnixMilli(v.Now)))
		_, err := keyservice.Fetch(context.Background(), c, cfg)
		require.ErrorIs(t, err, keyservice.ErrUnreachable)
	})
	return serial
}

// fetched is what a member makes of the answer: with the nonce of the file, at its time.
func fetched(t *testing.T, f *keyserviceFile, v *statementVector) (file *keyfile.File, err error) {
	t.Helper()
	cfg, nonce := configOf(t, f, v), exact(t, v.Nonce).([]byte)
	deal(t, nonce)
	asked := 0
	c := grantor.NewClient(nil)
	c.OnCall(func(_ context.Context, wire []byte) (*wamp.Result, error) {
		if asked++; asked > 1 {
			return nil, errors.New("one answer is enough")
		}
		get, err := statement.OpenGet(wire, f.signing(t, v.Signer).Public())
		require.NoError(t, err)
		require.Equal(t, nonce, get.Nonce[:])
		require.Equal(t, v.Held != nil, get.Serial != 0, "what is held was taken")
		return grantor.Result(exact(t, v.Wire))
	})
	synctest.Test(t, func(*testing.T) {
		time.Sleep(time.Until(time.UnixMilli(v.Now)))
		file, err = keyservice.Fetch(context.Background(), c, cfg)
	})
	require.NotZero(t, asked)
	return file, err
}

// TestExchanges: a member takes the answers that Python's takes, with what is in them, and refuses
// the others for the same reasons.
func TestExchanges(t *testing.T) {
	f, seen := readKeyservice(t), map[string]bool{}
	t.Setenv("WAMPBOX_VECTORS_KEY", encoded(bytes.Repeat([]byte{7}, 32))) // what a vector refers to would be a key
	for i := range f.Exchanges {
		v := &f.Exchanges[i]
		t.Run(v.Name, func(t *testing.T) {
			seen[v.Reason] = true
			if v.Nonce == nil {
				require.Equal(t, v.Serial, cached(t, f, v))
				return
			}
			file, err := fetched(t, f, v)
			if v.Reason != "" {
				require.Contains(t, exchangeReasons, v.Reason)
				for name, is := range exchangeReasons {
					require.Equal(t, name == v.Reason, errors.Is(err, is), "%s: %v", name, err)
				}
				require.Nil(t, file)
				return
			}
			require.NoError(t, err)
			require.Equal(t, v.Serial, file.Grant.Serial)
			require.Equal(t, v.Member, file.Grant.Member)
			want, err := keyfile.Parse(exact(t, v.Plaintext).([]byte), keyfile.WithoutReferences(), keyfile.SignAs(f.signing(t, v.Signer)))
			require.NoError(t, err)
			wantText, err := want.Marshal()
			require.NoError(t, err)
			text, err := file.Marshal()
			require.NoError(t, err)
			require.Equal(t, string(wantText), string(text))
		})
	}
	require.Len(t, seen, len(exchangeReasons)+1)
}
