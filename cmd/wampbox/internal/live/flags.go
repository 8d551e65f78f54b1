package live

import (
	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
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

// place is a flag that the environment stands in for. That it is empty is for those to
// say who need it.
func place(name, usage, variable string) *cli.StringFlag {
	return &cli.StringFlag{Name: name, Usage: usage, OnlyOnce: true, Sources: cli.EnvVars(variable)}
}

// routerFlags say how the router is reached, and as whom.
func routerFlags() []cli.Flag {
	return []cli.Flag{
		place(routerFlag, "`URL` of the router: wss://, ws://, tcps://, tcp:// or unix://", routerVariable),
		place(realmFlag, "the `REALM` to join", realmVariable),
		flags.Text("auth", "prove who this is by `METHOD`, such as ticket:file:PATH"),
		flags.Text("authid", "the `ID` to authenticate as"),
		flags.Text("ca", "trust the certificates in `FILE` (PEM), and no others, to vouch for the router"),
		flags.OneOf("serialization", "how messages are written if not in CBOR, `NAME` is cbor, msgpack or json", "cbor", "msgpack", "json"),
	}
}

// sessionFlags are those of what takes part in the traffic.
func (env Env) sessionFlags(more ...cli.Flag) []cli.Flag {
	flags := append(more, place(keyringFlag, "the keyring `FILE`, which says what is sealed", keyringVariable))
	flags = append(flags, memberFlags()...)
	return append(append(flags, routerFlags()...), env.AccessFlags()...)
}

// authHelp explains how a router knows a client, and a client a router.
const authHelp = `-auth is ticket or wampcra,
then :file: and a path or :env: and the name of a variable: the first line there is
the secret, which is never given on the command line. The router's certificate is
always checked.`

// sessionHelp explains them.
func (env Env) sessionHelp() string {
	return `In place of a keyring file, -member and -authority have the keys come from a key service
(wampbox authority -h), through the router: they are waited for, by pub and call for 30 seconds.
With -cache sub has those of the last time at once, and pub and call if no newer ones come
within 3 seconds.

Router, realm and keyring file may also be given by the environment: WAMPBOX_ROUTER,
WAMPBOX_REALM and WAMPBOX_KEYRING, or WAMPBOX_MEMBER, WAMPBOX_AUTHORITY (several with spaces
between) and WAMPBOX_CACHE. ` + authHelp + `

` + env.AccessHelp
}
