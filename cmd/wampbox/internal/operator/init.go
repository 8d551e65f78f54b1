package operator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

func (env Env) initCommand() *cli.Command {
	var holders []cli.Flag
	for _, part := range parts {
		holders = append(holders, &cli.StringSliceFlag{
			Name: part.String(), Usage: "enrol the members in the enrolment `FILE`, who hold the patterns as " + part.String() + "; may come again",
		})
	}
	return env.Command(&cli.Command{
		Name:      "init",
		Usage:     "make an authority, and with members and patterns their first grants",
		ArgsUsage: "[PATTERN...]",
		Description: `Makes the folder of an authority, which decides who holds which keys: authority.json with
its private key, the members and what they hold, and keyring.json with both halves of every
key, which the other commands for keyring files read and change too. The folder needs no
network, and belongs on no machine that the router runs on. Whoever has it has all keys: only
its owner can read it, and with -encrypt it is encrypted with age. Keep a backup.

With enrolments, as wampbox identity makes them, the members are enrolled. With PATTERNs they
hold these, and the first grants are issued into the folder of -grants. So it is a start; enrol,
grant and issue go on from there.

The authority's public key is printed on standard output. Members pin it (-authority): tell
them by another way than the router.

` + asHelp + `

With -signed-once calls and answers are signed once an hour, for services whose readers trust
one another: that is faster.

With -recovery each grant is also encrypted to an age recipient whose identity is kept
offline: from the grants and that identity recover makes the authority anew. age encrypts to
X25519 recipients (age1...) or to hybrid ones (age1pq1...), and not to both at once: give one of
each if there are members of both kinds.

` + env.AccessHelp + `

Examples:

   $ wampbox authority init -both shop.enrolment -both desk.enrolment com.myapp.hello.
   $ wampbox authority init -suite signed -sender till.enrolment -responder hub.enrolment com.myapp.sales.
   $ wampbox authority init -dir /srv/authority -encrypt -recovery age1g4xwshrd5ux949uyp8ky0ph286vqz395su20ws2rrm0997g2c99qt8cjdr`,
		Flags: slices.Concat(holders, env.folderFlags(slices.Concat([]cli.Flag{
			newGrantsFlag("write the grants to `DIR`, which is made if need be"),
			&cli.StringSliceFlag{Name: "recovery", Usage: "encrypt all grants to the age `RECIPIENT` too; may come again"},
			newEncryptFlag(),
		}, keyFlags(), []cli.Flag{env.MatchFlag()}, issueFlags())...)),
	}, env.initialize)
}

// initialized is what init prints as JSON.
type initialized struct {
	Dir      string     `json:"dir"`
	Key      string     `json:"key"` // what members pin
	Members  []enrolled `json:"members,omitempty"`
	Patterns []pattern  `json:"patterns,omitempty"`
	Issued   *issued    `json:"issued,omitempty"`
}

// joining is a member that is enrolled, and as what it holds the patterns.
type joining struct {
	keyservice.Enrolment
	as authority.As
}

// beginning is what the command line of init says.
type beginning struct {
	dir      string
	members  []joining
	patterns []keyring.Pattern
	grant    authority.GrantOptions
	options  authority.Options
}

func (env Env) newBeginning(cmd *cli.Command) (b beginning, err error) {
	b.dir = cmd.String(dirFlag)
	if b.patterns, err = env.patterns(cmd, cmd.Args().Slice()); err != nil {
		return b, err
	}
	if b.grant, err = env.grantOptions(cmd); err != nil {
		return b, err
	}
	for _, part := range parts {
		for _, path := range cmd.StringSlice(part.String()) {
			some, err := env.readEnrolments(path)
			if err != nil {
				return b, err
			}
			for _, e := range some {
				b.members = append(b.members, joining{e, part})
			}
		}
	}
	switch {
	case len(b.patterns) == 0 && len(b.members) > 0:
		return b, env.Usage(cmd, "PATTERN is missing: say what the members hold")
	case len(b.patterns) > 0 && len(b.members) == 0:
		return b, env.Usage(cmd, "nobody is to hold the patterns: give enrolments by -both, or -originator and -responder")
	}
	b.options.Recovery = cmd.StringSlice("recovery")
	for _, text := range b.options.Recovery {
		if strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY-") {
			return b, env.Usage(cmd, "-recovery has a private key, and takes the public recipient of one (age1...): others may have seen it on the command line, so use it no more")
		}
	}
	if _, err := os.Lstat(filepath.Join(b.dir, keyFile)); err == nil {
		return b, fmt.Errorf("%s has an authority already, which isn't overwritten: enrol, grant and issue go on with it, or give another -dir", b.dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	b.options.Decrypt, b.options.Encrypt, err = env.newSealing(cmd)
	return b, err
}

func (env Env) initialize(_ context.Context, cmd *cli.Command) error {
	b, err := env.newBeginning(cmd)
	if err != nil {
		return err
	}
	a, err := b.make()
	if err != nil {
		return err
	}
	defer a.Close()
	all := initialized{Dir: b.dir, Key: a.Key().String()}
	env.note("%s is the authority: whoever has it has all keys, so keep it offline, and a backup of it", b.dir)
	for _, m := range b.members {
		all.Members = append(all.Members, newEnrolled(m.Enrolment))
		env.note("enrolled %s, which holds %s as %v", m.Name, plural(len(b.patterns), "pattern"), m.as)
	}
	for _, p := range b.patterns {
		all.Patterns = append(all.Patterns, newPattern(p))
	}
	if len(b.members) > 0 {
		made, err := env.issueTo(cmd, a)
		if err != nil {
			return fmt.Errorf("%w; the authority is made, and issue goes on with it", err)
		}
		all.Issued = &made
		env.note("next: wampbox serve -dir %s hands them out, and members get them by -member FILE -authority %s", argument(made.Grants), a.Key())
	} else {
		env.note("next: wampbox authority enrol takes members in, grant says what they hold, and issue writes it; members pin the key that is printed")
	}
	if cmd.Bool(jsonFlag) {
		return env.json(all)
	}
	return env.line("%s", all.Key)
}

// make makes the folder with all that is asked for, or nothing.
func (b beginning) make() (*authority.Authority, error) {
	master := filepath.Join(b.dir, masterFile)
	_, before := os.Lstat(master)
	a, err := authority.Init(b.dir, b.options)
	if err != nil {
		return nil, err
	}
	if err = b.fill(a); err == nil {
		return a, nil
	}
	a.Close()
	made := []string{filepath.Join(b.dir, keyFile)}
	if errors.Is(before, fs.ErrNotExist) {
		made = append(made, master)
	}
	for _, path := range made {
		if removed := os.Remove(path); removed != nil && !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}
	return nil, err
}

func (b beginning) fill(a *authority.Authority) error {
	for _, m := range b.members {
		if err := a.Enrol(m.Enrolment); err != nil {
			return err
		}
	}
	var list []authority.Granting
	for _, p := range b.patterns {
		for _, m := range b.members {
			list = append(list, authority.Granting{Member: m.Name, Pattern: p, As: m.as})
		}
	}
	return a.Grant(b.grant, list...)
}

// pattern is one in JSON.
type pattern struct {
	Pattern string `json:"pattern"`
	Match   string `json:"match"`
}

func newPattern(p keyring.Pattern) pattern { return pattern{p.URI, p.Match.String()} }

// list joins words.
func list(all []string) string { return strings.Join(all, ", ") }
