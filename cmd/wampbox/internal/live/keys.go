package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// keys say what is sealed: they are of a keyring file, or of a key service.
type keys struct {
	path    string // of the file
	opts    []keyfile.Option
	service *keyservice.Config // nil for a file
	ring    *keyring.Ring      // empty until a service has brought something
}

// loadKeys loads the file that the flags name, or who asks a service.
func (env Env) loadKeys(cmd *cli.Command) (*keys, error) {
	path, member := cmd.String(keyringFlag), cmd.String(memberFlag)
	switch {
	case path == "" && member == "":
		return nil, env.Usage(cmd, "the keys are missing: give -keyring FILE, or set %s; wampbox init makes one. Or give -member and -authority, for keys from a key service", keyringVariable)
	case path != "" && member != "":
		return nil, env.Usage(cmd, "there are keys of a file and of a key service: give -keyring (or %s) or -member (or %s), not both", keyringVariable, memberVariable)
	case member != "":
		service, err := env.serviceConfig(cmd)
		return &keys{service: service, ring: keyring.New()}, err
	}
	for _, name := range []string{authorityFlag, cacheFlag, prefixFlag} {
		if given(cmd, name) {
			return nil, env.Usage(cmd, "-%s is for keys from a key service: give -member in place of -keyring", name)
		}
	}
	reading, err := env.Access(cmd)
	if err != nil {
		return nil, err
	}
	k := &keys{path: path}
	if k.opts, err = reading(path); err != nil {
		return nil, err
	}
	if k.ring, err = keyfile.Load(path, k.opts...); err != nil {
		return nil, err
	}
	return k, nil
}

// bring brings what a service has, over the session that it is for. end ends that, and leaves. It
// waits for a while for newer keys than those of the cache.
func (env Env) bring(ctx context.Context, session *transparency.Session, k *keys, while time.Duration) (end func() error, err error) {
	cfg := *k.service
	cfg.OnChange = func(changes keyring.Changes) { env.note("the key service has brought new keys: %s", k.said(changes)) }
	cfg.OnError = env.noteError
	watcher, err := keyservice.Watch(ctx, session, k.ring, cfg)
	if err != nil {
		return nil, errors.Join(err, leave(session))
	}
	if while > 0 && watcher.Stats().LastFresh.IsZero() {
		asking, cancel := context.WithTimeoutCause(ctx, while, fmt.Errorf("no answer within %v", while))
		if err := watcher.Fetch(asking); err != nil {
			env.note("the keys of the cache are used, which may be old: %s", words.Of(err))
		}
		cancel()
	}
	stats := watcher.Stats()
	env.note("keys of %s by grant %d, which counts until %s", cfg.Identity.Name(), stats.Serial, moment(stats.Expires))
	return func() error { return errors.Join(watcher.Close(), leave(session)) }, nil
}

// called names where the keys are from.
func (k *keys) called() string {
	if k.service == nil {
		return k.path
	}
	return "the grant of " + k.service.Identity.Name()
}
