package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// Fetch is the command that asks a key service once.
func Fetch(env Env) *cli.Command {
	return env.command(&cli.Command{
		Name:  "fetch",
		Usage: "ask a key service once, and write the keys to a keyring file",
		Description: `Asks the server of a key service for the member's keys, verifies that they are the ones
that its authority issued last, and writes them to a keyring file, for what reads such
files: other commands, and programs that don't ask by themselves. The file holds the
member's private keys, its own signing key where keys are signed ones, and until when they
count. Its owner alone can read it.

A file that is there is replaced if it is an earlier one of the same member, and not newer.
With -cache, nothing that is older than what came before is taken, whatever the server
says, and the server needn't send again what is there.

Exit status: 1 where the server isn't reached within -timeout, where it refuses, and where
its answer doesn't verify. The text says which, and the file is then as it was.

Router, realm, member, authority and cache may also be given by the environment:
WAMPBOX_ROUTER, WAMPBOX_REALM, WAMPBOX_MEMBER, WAMPBOX_AUTHORITY (several with spaces
between) and WAMPBOX_CACHE. ` + authHelp + `

Examples:

   $ wampbox fetch -router wss://router.example/ws -realm realm1 -member shop.identity \
       -authority ed25519:... -cache shop.cache -o shop.json
   $ wampbox fetch && wampbox list keyring.json`,
		Flags: append(append(memberFlags(), routerFlags()...),
			&cli.StringFlag{Name: "o", Usage: "write the keyring to `FILE`", Value: "keyring.json", OnlyOnce: true, Validator: flags.Text("o", "").Validator},
			flags.Duration("timeout", "give up after this `TIME`, connecting included", fetchTimeout),
			&cli.BoolFlag{Name: "readable-by-others", Usage: "accept an identity file that others can read"},
			&cli.BoolFlag{Name: "writable-by-others", Usage: "accept files that others own, can write to or replace"},
		),
	}, env.fetch)
}

const fetchTimeout = 30 * time.Second

func (env Env) fetch(ctx context.Context, cmd *cli.Command) (err error) {
	if cmd.Args().Present() {
		return env.Usage(cmd, "there is an argument too many")
	}
	timeout := cmd.Duration("timeout")
	if timeout <= 0 {
		return env.Usage(cmd, "-timeout has to be above 0: give %s", flags.DurationHelp)
	}
	connection, err := env.newConnection(cmd)
	if err != nil {
		return err
	}
	if cmd.String(memberFlag) == "" {
		return env.Usage(cmd, "the member's identity is missing: give -member FILE, or set %s; wampbox identity makes one", memberVariable)
	}
	cfg, err := env.serviceConfig(cmd)
	if err != nil {
		return err
	}
	cfg.OnError = env.noteError
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %v; -timeout allows more", timeout))
	defer cancel()
	session, err := connection.join(ctx, keyring.New())
	if err != nil {
		return err
	}
	file, err := keyservice.Fetch(ctx, session, *cfg)
	if err = errors.Join(err, leave(session)); err != nil {
		file.Wipe()
		return err
	}
	defer file.Wipe()
	path := cmd.String("o")
	if err := store(path, file, cfg.Identity, cmd.Bool("writable-by-others")); err != nil {
		return err
	}
	env.note("%s has the keys of %s by grant %d: they seal until %s, and open until %s",
		path, file.Grant.Member, file.Grant.Serial, moment(file.Grant.Expires), moment(file.Grant.OpensUntil))
	return nil
}

// store writes what was fetched, over what was fetched before.
func store(path string, fetched *keyfile.File, of *keyservice.Identity, writable bool) error {
	if err := fetched.FillIdentity(of.SigningKey()); err != nil {
		return err
	}
	opts := []keyfile.Option{keyfile.CreateMissing()}
	if writable {
		opts = append(opts, keyfile.AllowWritableByOthers())
	}
	return keyfile.Update(path, func(f *keyfile.File) error {
		switch before := f.Grant; {
		case before == nil && len(f.Entries) > 0:
			return fmt.Errorf("%s has keys that aren't from a key service: give another file with -o", path)
		case before == nil:
		case before.Member != fetched.Grant.Member:
			return fmt.Errorf("%s has the keys of %q: give another file with -o", path, before.Member)
		case before.Serial > fetched.Grant.Serial: // of another authority too, as while one is being changed
			return fmt.Errorf("%w: %s has grant %d, and the server gives %d", keyservice.ErrRollback, path, before.Serial, fetched.Grant.Serial)
		}
		f.Wipe()
		f.Grant, f.Entries, f.PlainUnlessKeyed, f.Scrambles = fetched.Grant, fetched.Entries, fetched.PlainUnlessKeyed, fetched.Scrambles
		return nil
	}, opts...)
}
