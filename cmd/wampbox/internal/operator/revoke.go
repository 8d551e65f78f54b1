package operator

import (
	"context"
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// dryRunFlag has a command that destroys keys say what it would do, and do nothing.
const dryRunFlag = "dry-run"

func newDryRunFlag() cli.Flag { return yes(dryRunFlag, "say what it would do, and do nothing") }

func (env Env) revokeCommand() *cli.Command {
	return env.Command(&cli.Command{
		Name:      "revoke",
		Usage:     "end what a member holds, at once and for good",
		ArgsUsage: "MEMBER [PATTERN...]",
		Description: `Takes a member out for good: its identity was stolen, or it is to be no member any more. All
keys that it has secrets of end, those to come too, and new ones seal in their place at once.
It leaves all lists of who is heard. Its key and age recipient never come again: to take it in
again, under the same name too, let it make a new identity.

All this counts at the other members when they have their next grant. So issue at once, and
bring the grants to the servers: nobody is waited for. A member that can't be reached goes on
with the old keys until its own grant ends.

With PATTERNs, only these are taken away from it, in the same way.

What it can't do: the member reads all that was recorded before, and what it has stored.

-dry-run says what would end, and does nothing.

Examples:

   $ wampbox authority revoke till -dry-run
   $ wampbox authority revoke till && wampbox authority issue
   $ wampbox authority revoke desk com.myapp.sales.`,
		Flags: env.folderFlags(newDryRunFlag(), env.MatchFlag()),
	}, env.revoke)
}

// revocation is what revoke prints as JSON.
type revocation struct {
	Member    string         `json:"member"`
	Key       string         `json:"key,omitempty"` // of who is revoked for good
	DryRun    bool           `json:"dry_run,omitempty"`
	Patterns  []endedPattern `json:"patterns"`
	Scrambled []endedSecrets `json:"scrambled,omitempty"`
	Serial    uint64         `json:"serial,omitempty"` // of its last grant
	// OldUntil is until when others go on to use the old keys that fetch no later grant.
	OldUntil *time.Time `json:"old_until,omitempty"`
}

type endedPattern struct {
	pattern
	As  authority.As `json:"as"`
	Old []string     `json:"old,omitempty"` // that end
	New string       `json:"new,omitempty"`
}

// endedSecrets are those of a prefix that the member is to know no more.
type endedSecrets struct {
	Prefix string   `json:"prefix"`
	Old    []string `json:"old"` // that end
	New    string   `json:"new,omitempty"`
}

func newEnded(e authority.Ended) endedPattern {
	return endedPattern{newPattern(e.Pattern), e.As, e.Old, e.New}
}

func (env Env) revoke(_ context.Context, cmd *cli.Command) error {
	member := cmd.Args().First()
	patterns, err := env.patterns(cmd, cmd.Args().Tail())
	if err != nil {
		return err
	}
	var all revocation
	err = env.do(cmd, func(a *authority.Authority) (err error) {
		switch {
		case cmd.Bool(dryRunFlag):
			all, err = env.wouldRevoke(a, member, patterns)
		case len(patterns) > 0:
			all, err = env.withdraw(a, member, patterns)
		default:
			all, err = env.revokeMember(a, member)
		}
		return err
	})
	if err != nil {
		return err
	}
	if cmd.Bool(jsonFlag) {
		return env.json(all)
	}
	return nil
}

// revokeMember takes a member out.
func (env Env) revokeMember(a *authority.Authority, member string) (revocation, error) {
	r, err := a.Revoke(member)
	if err != nil {
		return revocation{}, err
	}
	all := revocation{Member: member, Key: r.Key.String(), Patterns: []endedPattern{}, Serial: r.Serial}
	env.note("%s is revoked: its key %s and its age recipient never come again", member, r.Key)
	for _, p := range r.Patterns {
		one := newEnded(p)
		all.Patterns = append(all.Patterns, one)
		env.sayEnded(member, one)
	}
	all.Scrambled = env.sayEndedSecrets(r.Scrambled)
	if !r.OpensUntil.IsZero() {
		until := r.OpensUntil.UTC()
		all.OldUntil = &until
		env.note("members that can't be reached go on with the old keys until %s at the latest", shown(until, ""))
	}
	env.sayRead(member, all)
	return all, nil
}

func (env Env) sayEnded(member string, p endedPattern) {
	switch {
	case p.New != "":
		env.note("%s: this ends, and %s seals in its place at once: %s", p.text(), p.New, list(p.Old))
	case len(p.Old) > 0:
		env.note("%s: this ends: %s", p.text(), list(p.Old))
	default:
		env.note("%s: %s held it as %v, and has no secret of it: the key stays, and others don't hear %s any more", p.text(), member, p.As, member)
	}
}

// sayEndedSecrets tells of prefixes.
func (env Env) sayEndedSecrets(all []authority.EndedSecrets) (told []endedSecrets) {
	for _, one := range all {
		told = append(told, endedSecrets{one.Prefix, one.Old, one.New})
		if one.New == "" {
			env.note("URIs below %q: this secret ends: %s", one.Prefix, list(one.Old))
		} else {
			env.note("URIs below %q: this secret ends, and routers see them by %s at once: %s", one.Prefix, one.New, list(one.Old))
		}
	}
	return told
}

// sayRead tells what is left to do, and what can't be done. Who held no secret couldn't read.
func (env Env) sayRead(member string, all revocation) {
	if len(all.Scrambled) > 0 {
		env.note("%s can still tell by words that it knows what scrambled URIs stand for that were recorded until then", member)
	}
	if slices.ContainsFunc(all.Patterns, func(p endedPattern) bool { return len(p.Old) > 0 }) {
		env.note("%s can still read all that was recorded until the others have their next grants, and what it has stored", member)
	}
	env.note("next, at once: wampbox authority issue, and bring the grants to all servers")
}

// withdraw takes patterns away.
func (env Env) withdraw(a *authority.Authority, member string, patterns []keyring.Pattern) (revocation, error) {
	all := revocation{Member: member, Patterns: []endedPattern{}}
	for _, p := range patterns {
		ended, err := a.Withdraw(member, p)
		if err != nil {
			return all, err
		}
		one := newEnded(ended.Ended)
		all.Patterns = append(all.Patterns, one)
		env.note("%s doesn't hold %s any more", member, one.text())
		env.sayEnded(member, one)
		all.Scrambled = append(all.Scrambled, env.sayEndedSecrets(ended.Scrambled)...)
	}
	env.sayRead(member, all)
	return all, nil
}

// holdings gives what a member holds.
func holdings(a *authority.Authority, member string) (map[keyring.Pattern]authority.As, error) {
	s, err := a.Show()
	if err != nil {
		return nil, err
	}
	held := map[keyring.Pattern]authority.As{}
	for _, m := range s.Members {
		if m.Name == member {
			for _, h := range m.Holdings {
				held[h.Pattern] = h.As
			}
			return held, nil
		}
	}
	return nil, &authority.Error{Op: "revoke", Member: member, Err: authority.ErrMember}
}

// versions gives those of a pattern, by the master.
func versions(a *authority.Authority, p keyring.Pattern) ([]keyring.VersionInfo, error) {
	s, err := a.Show()
	if err != nil {
		return nil, err
	}
	for _, shown := range s.Patterns {
		if shown.Pattern != p {
			continue
		}
		all := make([]keyring.VersionInfo, len(shown.Versions))
		for i, v := range shown.Versions {
			all[i] = v.VersionInfo
		}
		return all, nil
	}
	return nil, nil
}

// secrets are the parts in which a member has a secret of a signed key.
var secrets = []authority.As{authority.Responder, authority.Reader, authority.Both}

// wouldRevoke says what revoke would do.
func (env Env) wouldRevoke(a *authority.Authority, member string, patterns []keyring.Pattern) (revocation, error) {
	all := revocation{Member: member, DryRun: true, Patterns: []endedPattern{}}
	held, err := holdings(a, member)
	if err != nil {
		return all, err
	}
	if len(patterns) == 0 {
		env.note("%s would be revoked for good, and its key and age recipient would never come again", member)
		s, err := a.Show()
		if err != nil {
			return all, err
		}
		for _, p := range s.Patterns {
			if _, holds := held[p.Pattern]; holds {
				patterns = append(patterns, p.Pattern)
			}
		}
	}
	for _, p := range patterns {
		as, holds := held[p]
		if !holds {
			return all, &authority.Error{Op: "revoke", Member: member, Pattern: p, Err: authority.ErrHolding}
		}
		now, err := versions(a, p)
		if err != nil {
			return all, err
		}
		one := endedPattern{pattern: newPattern(p), As: as}
		for _, v := range now {
			if v.State != keyring.StateRevoked && (!v.Suite.Signed() || slices.Contains(secrets, as)) {
				one.Old = append(one.Old, v.ID)
			}
		}
		all.Patterns = append(all.Patterns, one)
		if len(one.Old) > 0 {
			env.note("%s: this would end, and another one would seal in its place at once: %s", one.text(), list(one.Old))
		} else {
			env.note("%s: the key would stay, and others wouldn't hear %s any more", one.text(), member)
		}
	}
	if all.Scrambled, err = env.wouldEndSecrets(a, member, patterns); err != nil {
		return all, err
	}
	env.note("nothing is changed")
	return all, nil
}
