package operator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
)

// Flags of recover.
const (
	recoveryFlag  = "recovery"
	authorityFlag = "authority"
	keyFlag       = "key"
)

func (env Env) recoverCommand() *cli.Command {
	return env.Command(&cli.Command{
		Name:  "recover",
		Usage: "make a lost authority anew of its grants",
		Description: `Makes an authority's folder anew of the grants that it has issued, with the age identity of a
recipient that init was given by -recovery. If there is a backup of the folder, put that back
instead, and issue.

The grants are verified by -authority, the key that members pin. Unless its private half is still
there (-key), the authority has a new key, which is printed: members have to pin it.

What grants don't tell doesn't come back: what is rotated regularly, who was revoked, and what was
changed since the last issue. So revoke anew whom the last grants still had.

Nothing is overwritten: -dir has to be a folder that isn't there.

` + env.AccessHelp + `

Examples:

   $ wampbox authority recover -recovery offline.txt -authority ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
   $ wampbox authority recover -dir /srv/authority -encrypt -grants /srv/grants -recovery offline.txt \
       -authority ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=`,
		Flags: env.folderFlags(
			&cli.StringSliceFlag{Name: recoveryFlag, Usage: "decrypt the grants with the age identities in `FILE`; may come again", Required: true},
			required(flags.Text(authorityFlag, "the public `KEY` of the lost authority, which members pin")),
			flags.Text(keyFlag, "the lost authority's private key is in `FILE`"),
			newGrantsFlag("the folder `DIR` of grants"),
			newEncryptFlag(),
		),
	}, env.recover)
}

func required(flag *cli.StringFlag) *cli.StringFlag {
	flag.Required = true
	return flag
}

func newEncryptFlag() cli.Flag {
	return yes("encrypt", "encrypt the folder with age: by a passphrase, or to the one -identity")
}

// recovered is what recover prints as JSON.
type recovered struct {
	Dir       string     `json:"dir"`
	Key       string     `json:"key"`
	Serial    uint64     `json:"serial"`
	Members   []string   `json:"members"`
	Older     []string   `json:"older,omitempty"`
	Patterns  []pattern  `json:"patterns"`
	Replaced  []replaced `json:"replaced"`
	Scrambled []string   `json:"scrambled,omitempty"` // prefixes
	Problems  []problem  `json:"problems"`
}

type replaced struct {
	pattern
	Old string `json:"old"`
	New string `json:"new,omitempty"`
}

func (env Env) recover(_ context.Context, cmd *cli.Command) error {
	dir := filepath.Clean(cmd.String(dirFlag))
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("%s exists and isn't overwritten: move it away, or give another -dir", dir)
	}
	o, identities, err := env.recoverOptions(cmd)
	if err != nil {
		return err
	}
	f, err := grants.Open(cmd.String(grantsFlag))
	if err != nil {
		return err
	}
	found, err := authority.Recover(dir, f, identities, o)
	if err != nil {
		return err
	}
	all := recovered{
		Dir: dir, Key: found.Key.String(), Serial: found.Serial, Members: some(found.Members), Older: found.Older,
		Scrambled: found.Scrambled, Patterns: []pattern{}, Replaced: []replaced{}, Problems: []problem{},
	}
	for _, p := range found.Patterns {
		all.Patterns = append(all.Patterns, newPattern(p))
	}
	for _, r := range found.Replaced {
		all.Replaced = append(all.Replaced, replaced{newPattern(r.Pattern), r.Old, r.New})
	}
	for _, p := range found.Problems {
		all.Problems = append(all.Problems, problem{p.Member, p.Serial, words.Of(p.Err)})
	}
	env.sayRecovered(all, found.Key != o.Authority)
	if cmd.Bool(jsonFlag) {
		err = env.json(all)
	} else {
		err = env.line("%s", all.Key)
	}
	if err == nil && len(all.Problems) > 0 {
		err = env.Findings
	}
	return err
}

// recoverOptions reads what the flags say. What is recovered can be recovered again by the same
// identities.
func (env Env) recoverOptions(cmd *cli.Command) (o authority.RecoverOptions, identities []age.Identity, err error) {
	if o.Authority, err = cryptobox.ParseVerifyKey(cmd.String(authorityFlag)); err != nil {
		return o, nil, env.Usage(cmd, "-%s: %s", authorityFlag, words.Of(err))
	}
	if cmd.IsSet(keyFlag) {
		text, err := env.Read(cmd.String(keyFlag), 4096)
		if err != nil {
			return o, nil, err
		}
		defer clear(text)
		if o.Key, err = cryptobox.ParseSigningKey(string(text)); err != nil {
			return o, nil, fmt.Errorf("-%s: %w", keyFlag, err)
		}
	}
	for _, path := range cmd.StringSlice(recoveryFlag) {
		some, err := env.Identities(path)
		if err != nil {
			return o, nil, fmt.Errorf("-%s: %w", recoveryFlag, err)
		}
		identities = append(identities, some...)
	}
	for _, identity := range identities {
		switch identity := identity.(type) {
		case *age.X25519Identity:
			o.Recovery = append(o.Recovery, identity.Recipient().String())
		case *age.HybridIdentity:
			o.Recovery = append(o.Recovery, identity.Recipient().String())
		}
	}
	o.Decrypt, o.Encrypt, err = env.newSealing(cmd)
	return o, identities, err
}

// sayRecovered tells what was found, and what to do next.
func (env Env) sayRecovered(all recovered, rekeyed bool) {
	env.note("%s is an authority again, with %s and %s, of the grants with the serial %d", all.Dir,
		plural(len(all.Members), "member"), plural(len(all.Patterns), "pattern"), all.Serial)
	if len(all.Scrambled) > 0 {
		env.note("the URIs are scrambled below %s, by the same secrets", list(all.Scrambled))
	}
	for _, r := range all.Replaced {
		switch {
		case r.New != "":
			env.note("%s: no grant had all of %s, so that %s seals in its place", r.text(), r.Old, r.New)
		default:
			env.note("%s: no grant had all of %s, which is left out", r.text(), r.Old)
		}
	}
	for _, p := range all.Problems {
		env.note("warning: %s is missing: %s", p.Member, p.Error)
	}
	for _, name := range all.Older {
		env.note("warning: %s has an older grant than others: an issue was cut off, or it was revoked and somebody has put that grant back", name)
	}
	next := []string{"revoke anew whom these grants still have and shouldn't", "give rotate -every again to what had it"}
	if rekeyed {
		next = append(next, "have members pin the new key, which is printed")
	}
	env.note("next: %s; then issue", strings.Join(next, ", "))
}
