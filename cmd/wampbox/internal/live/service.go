package live

import (
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// Flags of who has to do with a key service, and their variables.
const (
	memberFlag    = "member"
	authorityFlag = "authority"
	cacheFlag     = "cache"
	prefixFlag    = "prefix"

	memberVariable    = "WAMPBOX_MEMBER"
	authorityVariable = "WAMPBOX_AUTHORITY"
	cacheVariable     = "WAMPBOX_CACHE"
)

// memberFlags say who asks a key service.
func memberFlags() []cli.Flag {
	return []cli.Flag{
		place(memberFlag, "take keys from a key service, as the identity in `FILE`", memberVariable),
		&cli.StringSliceFlag{
			Name: authorityFlag, Sources: cli.EnvVars(authorityVariable),
			Usage: "believe the authority with this `KEY`; may come again",
		},
		place(cacheFlag, "keep the grant in `FILE`, encrypted as it was served", cacheVariable),
		servicePrefixFlag(),
	}
}

func servicePrefixFlag() cli.Flag {
	return flags.Text(prefixFlag, "the key service's URIs begin with `PREFIX`, if not with "+keyservice.DefaultPrefix)
}

// given tells whether the command line itself has a flag.
func given(cmd *cli.Command, name string) bool {
	variables := map[string]string{authorityFlag: authorityVariable, cacheFlag: cacheVariable}
	return cmd.IsSet(name) && os.Getenv(variables[name]) == ""
}

// serviceConfig reads memberFlags.
func (env Env) serviceConfig(cmd *cli.Command) (*keyservice.Config, error) {
	cfg := &keyservice.Config{Cache: cmd.String(cacheFlag), Prefix: cmd.String(prefixFlag)}
	if cfg.Prefix != "" && !strings.HasSuffix(cfg.Prefix, ".") {
		return nil, env.Usage(cmd, "-prefix has to end with a dot")
	}
	for _, text := range cmd.StringSlice(authorityFlag) {
		for _, text := range strings.Fields(text) { // a variable may hold several
			key, err := cryptobox.ParseVerifyKey(text)
			if err != nil { // it isn't repeated: it might be another kind of key
				return nil, env.Usage(cmd, "-authority is no verify key: give what wampbox authority show prints, as ed25519:...")
			}
			cfg.Authorities = append(cfg.Authorities, key)
		}
	}
	if len(cfg.Authorities) == 0 {
		return nil, env.Usage(cmd, "the authority's key is missing: give -authority KEY, or set %s; its operator tells it, by another way than the router", authorityVariable)
	}
	var opts []keyservice.IdentityOption
	if cmd.Bool("readable-by-others") {
		opts = append(opts, keyservice.IdentityReadableByOthers())
	}
	if cmd.Bool("writable-by-others") {
		opts = append(opts, keyservice.IdentityWritableByOthers())
	}
	var err error
	cfg.Identity, err = keyservice.LoadIdentity(cmd.String(memberFlag), opts...)
	return cfg, err
}

// noteError tells what a library tells by an error.
func (env Env) noteError(err error) { env.note("%s", words.Of(err)) }

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }
