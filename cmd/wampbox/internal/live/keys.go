package live

import (
	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// keys is a keyring file.
type keys struct {
	path string
	opts []keyfile.Option
	ring *keyring.Ring
}

// loadKeys loads the file that the flags name.
func (env Env) loadKeys(cmd *cli.Command) (*keys, error) {
	path := cmd.String(keyringFlag)
	if path == "" {
		return nil, env.Usage(cmd, "the keyring file is missing: give -keyring FILE, or set %s; wampbox init makes one", keyringVariable)
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
