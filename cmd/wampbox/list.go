package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func listCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "list",
		Usage:     "show the patterns and versions of keyring files",
		ArgsUsage: "FILE...",
		Description: `Shows what keyring files say of each pattern, and of each version of its key what
its dates make of it now:

   pending   it opens; it seals from its date on
   active    it opens and seals
   retired   it opens, until its date; a newer one seals, or its grant seals no more
   expired   its date has passed, or that of its grant
   revoked   it was ended at once

DIALECT and SUITE say who is at the other end, and how a version seals: the same has to
hold there. ID is the beginning of the id, as much as tells it from others: that is
enough for activate, retire and revoke. A file that comes from a key service begins with
its grant: whose word it is, and how long its keys are used. Of a signed key COMMENT says whom the file hears
and whose answers it takes; a party with two keys is changing its own. -json has the
parties' verify keys, which are public. No other key is ever shown. A line with scramble as
its KEY is of a secret that scrambles the URIs below a prefix: SEALS FROM is when they are
sent under it.

` + accessHelp + `

Examples:

   $ wampbox list keys/*.json
   $ wampbox list originator.json -json | jq -r '.files[].patterns[].versions[].id'`,
		Flags: slices.Concat(accessFlags(), []cli.Flag{jsonFlag()}),
	}, list)
}

// listedFile is a file, listedPattern and listedVersion what it has, as list prints them as
// JSON.
type listedFile struct {
	File     string             `json:"file"`
	Unkeyed  string             `json:"unkeyed,omitempty"`
	Grant    *listedGrant       `json:"grant,omitempty"`
	Scramble []compare.Scramble `json:"scramble,omitempty"`
	Patterns []listedPattern    `json:"patterns"`
}

type listedPattern struct {
	Pattern   string     `json:"pattern"`
	Match     string     `json:"match"`
	Plain     bool       `json:"plain,omitempty"`
	Plaintext string     `json:"plaintext,omitempty"`
	Until     *time.Time `json:"until,omitempty"`
	// AllowUnsigned is until when what isn't signed opens beside a signed version.
	AllowUnsigned *time.Time      `json:"allow_unsigned,omitempty"`
	Comment       string          `json:"comment,omitempty"`
	Versions      []listedVersion `json:"versions,omitempty"`
}

type listedVersion struct {
	ID         string     `json:"id"`
	Short      string     `json:"short"`
	State      string     `json:"state"`
	Kind       string     `json:"kind"`
	Dialect    string     `json:"dialect,omitempty"` // none is ours
	Suite      string     `json:"suite,omitempty"`
	Algorithm  string     `json:"algorithm,omitempty"`
	ActiveFrom *time.Time `json:"active_from,omitempty"`
	NotAfter   *time.Time `json:"not_after,omitempty"`
	Created    *time.Time `json:"created,omitempty"`
	Comment    string     `json:"comment,omitempty"`
	// Fingerprint is the same wherever the secret is: doctor compares it.
	Fingerprint string          `json:"fingerprint,omitempty"`
	Signed      *compare.Signed `json:"signed,omitempty"`
}

func list(_ context.Context, cmd *cli.Command) error {
	paths, access, err := filesAndAccess(cmd, cmd.Args().Slice())
	if err != nil {
		return err
	}
	all := make([]listedFile, len(paths))
	var ids []string
	for i, path := range paths {
		if all[i], err = access.list(path); err != nil {
			return err
		}
		ids = append(ids, all[i].ids()...)
	}
	short := shorten(ids)
	for _, f := range all {
		f.setShort(short)
	}
	if cmd.Bool("json") {
		return outputJSON(struct {
			Files []listedFile `json:"files"`
		}{all})
	}
	return table(all)
}

// list reads one file.
func (a *access) list(path string) (listedFile, error) {
	f, err := a.parse(path)
	if err != nil {
		return listedFile{}, err
	}
	defer f.Wipe()
	infos, err := f.List()
	if err != nil {
		return listedFile{}, fmt.Errorf("%s: %w", path, err)
	}
	told, err := compare.NewList(f)
	if err != nil {
		return listedFile{}, fmt.Errorf("%s: %w", path, err)
	}
	listed := listedFile{File: path, Grant: newListedGrant(f.Grant, time.Now()), Scramble: told.Scramble, Patterns: []listedPattern{}}
	if f.PlainUnlessKeyed {
		listed.Unkeyed = "plain"
	}
	for i, info := range infos {
		p := listedPattern{
			Pattern: info.Pattern.URI, Match: info.Pattern.Match.String(), Plain: info.Plain,
			Until: dated(info.Until), AllowUnsigned: dated(info.AllowUnsigned), Comment: keyfile.Conceal(info.Comment),
		}
		if info.Plaintext != 0 {
			p.Plaintext = info.Plaintext.String()
		}
		for j, v := range info.Versions {
			same := told.Patterns[i].Versions[j]
			p.Versions = append(p.Versions, listedVersion{
				ID: v.ID, State: v.State.String(), Kind: v.Kind, Dialect: same.Dialect, Suite: same.Suite, Algorithm: v.Algorithm,
				ActiveFrom: dated(v.Dates.ActiveFrom), NotAfter: dated(v.Dates.NotAfter),
				Created: dated(v.Created), Comment: keyfile.Conceal(v.Comment), Fingerprint: same.Fingerprint, Signed: same.Signed,
			})
		}
		listed.Patterns = append(listed.Patterns, p)
	}
	return listed, nil
}

// table prints a line for each version.
func table(all []listedFile) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	row := func(file string, cells ...string) {
		if len(all) > 1 {
			cells = append([]string{file}, cells...)
		}
		for i, cell := range cells {
			if cells[i] = clean(cell); cell == "" {
				cells[i] = "-"
			}
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	row("FILE", "PATTERN", "MATCH", "DIALECT", "SUITE", "KEY", "ID", "STATE", "SEALS FROM", "OPENS UNTIL", "COMMENT")
	for _, f := range all {
		if g := f.Grant; g != nil {
			row(f.File, "all with a key", "", "", "", "grant", "", g.State, "", shown(g.OpensUntil, ""), g.says())
		}
		for _, s := range f.Scramble {
			says := scrambleSays(s)
			if len(s.Secrets) == 0 {
				row(f.File, s.Prefix, "prefix", "", "", "scramble", "", stateClear, "", shown(s.AllowClear, ""), says)
			}
			for _, by := range s.Secrets {
				row(f.File, s.Prefix, "prefix", "", "", "scramble", by.Short, by.State, shown(by.ActiveFrom, "always"), shown(by.NotAfter, "ever"), says)
			}
		}
		for _, p := range f.Patterns {
			name := p.Pattern
			if name == "" {
				name = `""`
			}
			if p.Plain {
				row(f.File, name, p.Match, "", "", "", "", "plain", "", "", p.Comment)
			}
			for _, v := range p.Versions {
				row(f.File, name, p.Match, v.dialect(), v.Suite, v.Kind, v.Short, v.State,
					when(v.ActiveFrom, "always"), when(v.NotAfter, "ever"), p.says(v))
			}
		}
		if f.Unkeyed != "" {
			row(f.File, "all others", "", "", "", "", "", f.Unkeyed, "", "", "unkeyed")
		}
	}
	return w.Flush()
}

// dialect names the one of a version, ours too.
func (v listedVersion) dialect() string {
	if v.Dialect == "" && v.Suite != "" {
		return cryptobox.Wampbox.String()
	}
	return v.Dialect
}

// says gives what is to be said beside a version.
func (p listedPattern) says(v listedVersion) string {
	var all []string
	if p.Plaintext != "" {
		all = append(all, fmt.Sprintf("%ss plain until %s", p.Plaintext, when(p.Until, "")))
	}
	if p.AllowUnsigned != nil && v.Signed != nil && p.AllowUnsigned.After(time.Now()) {
		all = append(all, "unsigned ones open until "+when(p.AllowUnsigned, ""))
	}
	for _, text := range []string{v.parties(), p.Comment, v.Comment} {
		if text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, "; ")
}

// parties says whom a signed key lists.
func (v listedVersion) parties() string {
	if v.Signed == nil {
		return ""
	}
	var all []string
	for _, role := range v.Signed.Roles {
		switch responder := role == keyring.RoleResponder.String(); {
		case responder:
			all = append(all, "hears "+partyNames(v.Signed.Senders))
		case v.Signed.AnyAnswerer:
			all = append(all, "takes answers of anybody who reads")
		case len(v.Signed.Answerers) == 0:
			all = append(all, "publishes alone")
		default:
			all = append(all, "takes answers of "+partyNames(v.Signed.Answerers))
		}
	}
	if v.Signed.SignedOnce {
		all = append(all, "signed once")
	}
	return strings.Join(all, ", ")
}

// partyNames names parties, and says how many keys one has that has several.
func partyNames(list []compare.Party) string {
	keys := map[string]int{}
	var names []string
	for _, p := range list {
		if keys[p.Name]++; keys[p.Name] == 1 {
			names = append(names, p.Name)
		}
	}
	more := ""
	if len(names) > maxListed {
		more = fmt.Sprintf(" and %d more", len(names)-maxListed)
		names = names[:maxListed]
	}
	for i, name := range names {
		names[i] = keyfile.Conceal(name)
		if n := keys[name]; n > 1 {
			names[i] += fmt.Sprintf(" (%d keys)", n)
		}
	}
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ") + more
}

func when(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return shown(*t, none)
}
