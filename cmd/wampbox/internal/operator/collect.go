package operator

import (
	"context"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
)

func (env Env) collectCommand() *cli.Command {
	return env.Command(&cli.Command{
		Name:      "collect",
		Usage:     "take in what servers know of who has fetched what",
		ArgsUsage: "[DIR...]",
		Description: `Takes in the receipts that servers keep in their folders of grants: members sign what they
hold each time they ask for their keys. status shows it then. Each DIR is such a folder, copied
back from a server; if none is named it is that of -grants. A member that wants its grants for
another age identity has that from the next issue on.

A server can hold receipts back, and say when they came, but not make them up: what is wrong with
one is told, nothing of it is taken in, and the exit status is 1.

Examples:

   $ wampbox authority collect
   $ rsync -a server1:/srv/grants/receipts receipts1/ && wampbox authority collect receipts1`,
		Flags: env.folderFlags(newGrantsFlag("the folder `DIR` of grants, if no other is named")),
	}, env.collect)
}

// collected is what collect prints as JSON.
type collected struct {
	Receipts int         `json:"receipts"`
	News     []news      `json:"news"`
	Changed  []recipient `json:"changed"`
	Problems []problem   `json:"problems"`
}

type news struct {
	Member string    `json:"member"`
	Serial uint64    `json:"serial"`
	At     time.Time `json:"at"`
}

type recipient struct {
	Member    string `json:"member"`
	Recipient string `json:"recipient"`
}

type problem struct {
	Member string `json:"member"`
	Serial uint64 `json:"serial,omitempty"`
	Error  string `json:"error"`
}

func (env Env) collect(_ context.Context, cmd *cli.Command) error {
	dirs := cmd.Args().Slice()
	if len(dirs) == 0 {
		dirs = []string{cmd.String(grantsFlag)}
	}
	folders := make([]*grants.Folder, len(dirs))
	for i, dir := range dirs {
		var err error
		if folders[i], err = grants.Open(dir); err != nil {
			return err
		}
	}
	all := collected{News: []news{}, Changed: []recipient{}, Problems: []problem{}}
	err := env.do(cmd, func(a *authority.Authority) error {
		for _, f := range folders {
			c, err := a.Collect(f)
			if err != nil {
				return err
			}
			all.add(c)
		}
		return nil
	})
	if err != nil {
		return err
	}
	env.sayCollected(all)
	if cmd.Bool(jsonFlag) {
		if err := env.json(all); err != nil {
			return err
		}
	}
	if len(all.Problems) > 0 {
		return env.Findings
	}
	return nil
}

func (all *collected) add(c authority.Collected) {
	all.Receipts += c.Receipts
	for _, n := range c.News {
		all.News = append(all.News, news{n.Member, n.Serial, n.At.UTC()})
	}
	for _, changed := range c.Changed {
		all.Changed = append(all.Changed, recipient(changed))
	}
	for _, p := range c.Problems {
		all.Problems = append(all.Problems, problem{p.Member, p.Serial, words.Of(p.Err)})
	}
}

func (env Env) sayCollected(all collected) {
	for _, n := range all.News {
		env.note("%s has the grant with the serial %d since %s", n.Member, n.Serial, shown(n.At, ""))
	}
	for _, c := range all.Changed {
		env.note("%s has another age identity, and its grants are for that from the next issue on", c.Member)
	}
	for _, p := range all.Problems {
		if p.Serial > 0 {
			env.note("warning: %s, serial %d: %s", p.Member, p.Serial, p.Error)
		} else {
			env.note("warning: %s: %s", p.Member, p.Error)
		}
	}
	env.note("%s looked at, %s", plural(all.Receipts, "receipt"), plural(len(all.News), "grant")+" newly known to have arrived")
	if len(all.Changed) > 0 {
		env.note("next: wampbox authority issue")
	}
}
