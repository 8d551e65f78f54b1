package operator

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func (env Env) showCommand() *cli.Command {
	return env.Command(&cli.Command{
		Name:  "show",
		Usage: "show the authority's public key, its members, and who holds what",
		Description: `Shows the public key that members pin, each member and what it holds, and each pattern with
its key and who holds that, and which URIs are scrambled. status tells what members have fetched. wampbox list, explain and
lint take the folder's keyring.json. No private key is ever shown.

Examples:

   $ wampbox authority show
   $ wampbox authority show -json | jq -r .key`,
		Flags: env.folderFlags(),
	}, env.show)
}

// shownAuthority is what show prints as JSON.
type shownAuthority struct {
	Key       string           `json:"key"`
	Previous  []string         `json:"previous,omitempty"`
	Recovery  []string         `json:"recovery,omitempty"`
	Serial    uint64           `json:"serial,omitempty"`
	Issued    time.Time        `json:"issued,omitzero"`
	Expires   time.Time        `json:"expires,omitzero"`
	Members   []shownMember    `json:"members"`
	Former    []shownFormer    `json:"former,omitempty"`
	Patterns  []shownHoldings  `json:"patterns"`
	Scrambled []shownScrambled `json:"scrambled,omitempty"`
}

type shownMember struct {
	enrolled
	Enrolled time.Time      `json:"enrolled"`
	Holds    []shownHolding `json:"holds"`
}

type shownHolding struct {
	pattern
	As authority.As `json:"as"`
}

type shownFormer struct {
	Name    string    `json:"name"`
	Key     string    `json:"key"`
	Revoked time.Time `json:"revoked"`
}

type shownHoldings struct {
	pattern
	Suite   string        `json:"suite,omitempty"`
	Dialect string        `json:"dialect,omitempty"` // none is ours
	Plain   bool          `json:"plain,omitempty"`
	Every   string        `json:"every,omitempty"`
	Holders []shownHolder `json:"holders"`
	Active  string        `json:"active,omitempty"` // the id of the version that seals
}

type shownHolder struct {
	Name string       `json:"name"`
	As   authority.As `json:"as"`
}

func (env Env) show(_ context.Context, cmd *cli.Command) error {
	return env.do(cmd, func(a *authority.Authority) error {
		s, err := a.Show()
		if err != nil {
			return err
		}
		status, err := a.Status()
		if err != nil {
			return err
		}
		all := newShown(s, every(status))
		if cmd.Bool(jsonFlag) {
			return env.json(all)
		}
		return env.printShown(all)
	})
}

// every gives how often patterns are rotated, of those that are so regularly.
func every(s authority.Status) map[keyring.Pattern]string {
	all := map[keyring.Pattern]string{}
	for _, p := range s.Patterns {
		if p.Schedule.Every > 0 {
			all[p.Pattern] = flags.Shown(p.Schedule.Every)
		}
	}
	return all
}

func newShown(s authority.Shown, every map[keyring.Pattern]string) shownAuthority {
	all := shownAuthority{
		Key: s.Key.String(), Recovery: s.Recovery, Serial: s.Serial, Issued: s.Issued.UTC(), Expires: s.Expires.UTC(),
		Members: []shownMember{}, Patterns: []shownHoldings{},
	}
	for _, key := range s.Previous {
		all.Previous = append(all.Previous, key.String())
	}
	for _, m := range s.Members {
		one := shownMember{enrolled{m.Name, m.Key.String(), m.Recipient}, m.Enrolled.UTC(), []shownHolding{}}
		for _, h := range m.Holdings {
			one.Holds = append(one.Holds, shownHolding{newPattern(h.Pattern), h.As})
		}
		all.Members = append(all.Members, one)
	}
	for _, f := range s.Former {
		all.Former = append(all.Former, shownFormer{f.Name, f.Key.String(), f.Revoked.UTC()})
	}
	for _, p := range s.Patterns {
		one := newShownHoldings(p)
		one.Every = every[p.Pattern]
		all.Patterns = append(all.Patterns, one)
	}
	for _, one := range s.Scrambled {
		all.Scrambled = append(all.Scrambled, newShownScrambled(one))
	}
	return all
}

func newShownHoldings(p authority.ShownPattern) shownHoldings {
	one := shownHoldings{pattern: newPattern(p.Pattern), Plain: p.Plain, Holders: []shownHolder{}}
	for i, v := range p.Versions {
		if i > 0 && v.State != keyring.StateActive {
			continue
		}
		if one.Suite = v.Suite.String(); v.Dialect.Foreign() {
			one.Suite, one.Dialect = "", v.Dialect.String()
		}
		if v.State == keyring.StateActive {
			one.Active = v.ID
		}
	}
	for _, h := range p.Holders {
		one.Holders = append(one.Holders, shownHolder(h))
	}
	return one
}

func (env Env) printShown(all shownAuthority) error {
	if err := env.line("Key       %s", all.Key); err != nil {
		return err
	}
	for _, key := range all.Previous {
		if err := env.line("Before    %s", key); err != nil {
			return err
		}
	}
	for _, recipient := range all.Recovery {
		if err := env.line("Recovery  %s", recipient); err != nil {
			return err
		}
	}
	if all.Serial > 0 {
		if err := env.line("Issued    %s, serial %d; members seal until %s", shown(all.Issued, ""), all.Serial, shown(all.Expires, "")); err != nil {
			return err
		}
	}
	rows := [][]string{{"MEMBER", "HOLDS", "AS", "KEY"}}
	for _, m := range all.Members {
		rows = append(rows, m.rows()...)
	}
	for _, f := range all.Former {
		rows = append(rows, []string{f.Name, "revoked " + shown(f.Revoked, ""), "", f.Key})
	}
	if len(rows) == 1 {
		return env.line("No members: wampbox authority enrol takes some in")
	}
	if err := env.line(""); err != nil {
		return err
	}
	if err := env.table(rows); err != nil {
		return err
	}
	rows = [][]string{{"PATTERN", "SUITE", "ROTATED", "HELD BY"}}
	for _, p := range all.Patterns {
		rows = append(rows, p.row())
	}
	if len(rows) > 1 {
		if err := env.line(""); err != nil {
			return err
		}
		if err := env.table(rows); err != nil {
			return err
		}
	}
	return env.printScrambled(all.Scrambled)
}

// rows gives a member's: one for each pattern.
func (m shownMember) rows() [][]string {
	if len(m.Holds) == 0 {
		return [][]string{{m.Name, "nothing", "", m.Key}}
	}
	var rows [][]string
	for i, h := range m.Holds {
		row := []string{"", h.text(), h.As.String(), ""}
		if i == 0 {
			row[0], row[3] = m.Name, m.Key
		}
		rows = append(rows, row)
	}
	return rows
}

func (p pattern) text() string { return fmt.Sprintf("%s %q", p.Match, p.Pattern) }

func (p shownHoldings) row() []string {
	how := p.Suite
	switch {
	case p.Plain:
		how = "plain"
	case p.Dialect != "":
		how = p.Dialect
	case how == "":
		how = "no key"
	}
	every := "by hand"
	if p.Every != "" {
		every = "each " + p.Every
	}
	var names []string
	for _, h := range p.Holders {
		names = append(names, h.Name+" ("+h.As.String()+")")
	}
	if len(names) == 0 {
		names = []string{"nobody"}
	}
	return []string{p.text(), how, every, list(names)}
}
