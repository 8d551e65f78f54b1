package operator

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/lint"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func (env Env) grantCommand() *cli.Command {
	as := flags.OneOf("as", "`HOW` the member holds it: originator, responder, sender, reader or both", partNames()...)
	as.Required = true
	return env.Command(&cli.Command{
		Name:      "grant",
		Usage:     "have a member hold the keys of patterns",
		ArgsUsage: "MEMBER PATTERN...",
		Description: `Has a member hold the keys of patterns from the next issue on.

` + asHelp + `

What a member knows can't be taken back: to hold less of a pattern than before, it has to
lose it by revoke first.

Examples:

   $ wampbox authority grant shop com.myapp.orders. -as originator
   $ wampbox authority grant desk com.myapp.orders. com.myapp.stock. -as responder
   $ wampbox authority grant billing com.myapp.invoices. -as sender -suite signed`,
		Flags: env.folderFlags(slices.Concat([]cli.Flag{as}, keyFlags(), []cli.Flag{env.MatchFlag()})...),
	}, env.grant)
}

// granted is what grant prints as JSON.
type granted struct {
	Member   string       `json:"member"`
	As       authority.As `json:"as"`
	Patterns []pattern    `json:"patterns"`
}

func (env Env) grant(_ context.Context, cmd *cli.Command) error {
	member := cmd.Args().First()
	patterns, err := env.patterns(cmd, cmd.Args().Tail())
	if err != nil {
		return err
	}
	as, err := authority.ParseAs(cmd.String("as"))
	if err != nil {
		return err
	}
	o, err := env.grantOptions(cmd)
	if err != nil {
		return err
	}
	all := granted{Member: member, As: as}
	return env.do(cmd, func(a *authority.Authority) error {
		list := make([]authority.Granting, len(patterns))
		for i, p := range patterns {
			list[i] = authority.Granting{Member: member, Pattern: p, As: as}
		}
		before, err := a.Show()
		if err != nil {
			return err
		}
		if err := env.noMember(cmd, patterns, before); err != nil {
			return err
		}
		if err := a.Grant(o, list...); err != nil {
			return err
		}
		for _, p := range patterns {
			env.note("%s holds %v as %v", member, p, as)
			env.sayNew(cmd, member, p, before)
			all.Patterns = append(all.Patterns, newPattern(p))
		}
		env.note("its next grant has that: wampbox authority issue writes it")
		if cmd.Bool(jsonFlag) {
			return env.json(all)
		}
		return nil
	})
}

// noMember refuses the name of a member where a pattern is wanted: it would get a key.
func (env Env) noMember(cmd *cli.Command, patterns []keyring.Pattern, s authority.Shown) error {
	for _, p := range patterns {
		known := slices.ContainsFunc(s.Patterns, func(one authority.ShownPattern) bool { return one.Pattern == p })
		if !known && slices.ContainsFunc(s.Members, func(m authority.ShownMember) bool { return m.Name == p.URI }) {
			return env.Usage(cmd, "%s is a member, and a PATTERN is wanted: grant takes one member at a time", p.URI)
		}
	}
	return nil
}

// sayNew tells that a pattern has got its key now, and which one may have been meant.
func (env Env) sayNew(cmd *cli.Command, member string, p keyring.Pattern, before authority.Shown) {
	var near []string
	for _, one := range before.Patterns {
		if one.Pattern == p {
			return
		}
		if lint.Near(one.Pattern, p) {
			near = append(near, one.Pattern.String())
		}
	}
	env.note("%v is new here, and has got a key", p)
	if len(near) > 0 {
		uri, master := argument(p.URI), argument(filepath.Join(cmd.String(dirFlag), masterFile))
		env.note("warning: it is nearly %s; if that was meant: wampbox authority revoke %s %s, and wampbox remove -yes %[3]s %s",
			list(near), member, uri, master)
	}
}
