package live

import (
	"errors"

	"github.com/urfave/cli/v3"
)

// Names of flags, and of the variables of the environment that stand in for them.
const (
	routerFlag  = "router"
	realmFlag   = "realm"
	keyringFlag = "keyring"

	routerVariable  = "WAMPBOX_ROUTER"
	realmVariable   = "WAMPBOX_REALM"
	keyringVariable = "WAMPBOX_KEYRING"
)

// text is a flag with a value that isn't empty, as an unset variable of a shell makes
// it. The usage names it in backquotes.
func text(name, usage string, variables ...string) *cli.StringFlag {
	return &cli.StringFlag{
		Name:     name,
		Usage:    usage,
		OnlyOnce: true,
		Sources:  cli.EnvVars(variables...),
		Validator: func(value string) error {
			if value == "" {
				return errors.New("the value is empty")
			}
			return nil
		},
	}
}

// routerFlags say how the router is reached, and as whom.
func routerFlags() []cli.Flag {
	return []cli.Flag{
		text(routerFlag, "the `URL` of the router: wss://, ws://, tcps://, tcp:// or unix://", routerVariable),
		text(realmFlag, "the `REALM` to join", realmVariable),
		text("auth", "prove who this is by `METHOD`: ticket:file:PATH, ticket:env:NAME, wampcra:file:PATH or wampcra:env:NAME"),
		text("authid", "the `ID` to authenticate as"),
		text("ca", "trust the certificates in `FILE` (PEM), and no others, to vouch for the router"),
		text("serialization", "how messages are written, `NAME` is cbor (if none is given), msgpack or json"),
	}
}

// sessionFlags are those of what takes part in the traffic.
func (env Env) sessionFlags(more ...cli.Flag) []cli.Flag {
	flags := append(more, text(keyringFlag, "the keyring `FILE`, which says what is sealed", keyringVariable))
	return append(append(flags, routerFlags()...), env.AccessFlags()...)
}

// sessionHelp explains them.
func (env Env) sessionHelp() string {
	return `Router, realm and keyring file may also be given by the environment:
WAMPBOX_ROUTER, WAMPBOX_REALM and WAMPBOX_KEYRING. The first line of what -auth
names is the secret, which is never given on the command line. The router's
certificate is always checked.

` + env.AccessHelp
}
