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

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func uriCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "uri",
		Usage:     "tell what a router sees of scrambled URIs, and find the URI of what it sees",
		ArgsUsage: "[URI...]",
		Description: `Prints what the routers of a realm see of URIs and patterns, for the rules of their
administrators: a line for each secret that is taken, the one that is sent under first.
Rules have to name all of them. Without URIs it does so for all patterns of the keyring
file below scrambled prefixes. It warns of one that the file says nothing of, as of a typo.

With -find the arguments are what a router shows, as in its log. The URI is found by the
components of the file's patterns, and by those in a file of -words: one component or URI
a line, each tried in every place. What isn't found is shown as ?, and the status is 1.

No secret is shown. Who has the secret, as this file has, can try words.

` + accessHelp + `

Examples:

   $ wampbox uri -keyring originator.json -realm realm1
   $ wampbox uri -keyring originator.json -realm realm1 com.myapp.orders. com.myapp.orders.new
   $ wampbox uri -keyring originator.json -realm realm1 -find com.myapp.mzxw6ytboi5dqmrq -words words.txt`,
		Flags: slices.Concat([]cli.Flag{
			required(flags.Text("keyring", "the keyring `FILE` that scrambles")),
			required(flags.Text("realm", "the `REALM` of the routers, which see other URIs in each")),
			yes("find", "find the URIs of what a router shows"),
			flags.Text("words", "with -find, try the components of the lines of `FILE`"),
			matchFlag(),
		}, accessFlags(), []cli.Flag{jsonFlag()}),
	}, uris)
}

func uris(_ context.Context, cmd *cli.Command) error {
	find := cmd.Bool("find")
	switch {
	case find && cmd.IsSet("match"):
		return usagef(cmd, "-match is for URIs that are to be scrambled: with -find leave it out")
	case find && cmd.Args().Len() == 0:
		return usagef(cmd, "URI is missing: with -find give what a router shows")
	case !find && cmd.IsSet("words"):
		return usagef(cmd, "-words is for -find")
	}
	var asked []keyring.Pattern
	for _, text := range cmd.Args().Slice() {
		if find { // what routers see may be longer than a pattern
			if err := noKey(cmd, text); err != nil {
				return err
			}
			continue
		}
		p, err := pattern(cmd, text)
		if err != nil {
			return err
		}
		asked = append(asked, p)
	}
	access, err := newAccess(cmd)
	if err != nil {
		return err
	}
	ring, err := access.load(cmd.String("keyring"))
	if err != nil {
		return err
	}
	if find {
		return findURIs(cmd, ring)
	}
	if len(asked) == 0 {
		if asked = hiddenPatterns(ring); len(asked) == 0 {
			return fmt.Errorf("%s: no pattern of it lies below a scrambled prefix", cmd.String("keyring"))
		}
	}
	return routerURIs(cmd, ring, asked)
}

// hiddenPatterns gives the patterns of a ring that lie below scrambled prefixes.
func hiddenPatterns(ring *keyring.Ring) []keyring.Pattern {
	var list []keyring.Pattern
	for p := range ring.Patterns() {
		if scrambledAround(ring, p) != nil {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b keyring.Pattern) int { return strings.Compare(a.String(), b.String()) })
	return list
}

// scrambledAround gives the scrambled prefix below which all URIs of a pattern lie, nil for none.
func scrambledAround(ring *keyring.Ring, p keyring.Pattern) *keyring.Scrambled {
	for s := range ring.Scrambled() {
		if strings.HasPrefix(p.URI, s.Prefix) {
			return &s
		}
	}
	return nil
}

// routerURI is what routers see of a URI or pattern, as uri prints it as JSON.
type routerURI struct {
	URI   string       `json:"uri"`
	Match string       `json:"match"`
	Forms []routerForm `json:"forms"` // the one that is sent first
}

// routerForm is what they see under one secret, or in clear.
type routerForm struct {
	Router     string     `json:"router"`
	Secret     string     `json:"secret,omitempty"` // its id; none in clear
	State      string     `json:"state"`            // of the secret, or clear
	ActiveFrom *time.Time `json:"active_from,omitempty"`
	NotAfter   *time.Time `json:"not_after,omitempty"`
}

// stateClear is that of a form that isn't scrambled.
const stateClear = "clear"

// routerURIs prints what routers see of patterns.
func routerURIs(cmd *cli.Command, ring *keyring.Ring, asked []keyring.Pattern) error {
	list := make([]routerURI, len(asked))
	for i, p := range asked {
		forms, err := routerForms(ring, cmd.String("realm"), p)
		if err != nil {
			return fmt.Errorf("%v: %s", p, cause(err))
		}
		if why := closedHere(ring, p); why != "" {
			note("warning: %v: with this file nothing is sent or taken for it: %s", p, why)
		}
		list[i] = routerURI{keyfile.Conceal(p.URI), p.Match.String(), forms}
	}
	if cmd.Bool("json") {
		return outputJSON(struct {
			URIs []routerURI `json:"uris"`
		}{list})
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "URI\tMATCH\tROUTER SEES\tSECRET\tSTATE\tSENT FROM\tTAKEN UNTIL")
	for _, u := range list {
		for _, f := range u.Forms {
			id, from := f.Secret, when(f.ActiveFrom, "always")
			if id == "" {
				id, from = "-", "-"
			}
			fmt.Fprintln(w, strings.Join([]string{clean(u.URI), u.Match, clean(f.Router), id, f.State, from, when(f.NotAfter, "ever")}, "\t"))
		}
	}
	return w.Flush()
}

// closedHere says why a ring has nothing sent or taken for what matches a pattern, or "": a name that
// programs never use is no use in a rule.
func closedHere(ring *keyring.Ring, p keyring.Pattern) string {
	if p.Match == keyring.MatchExact {
		if _, err := ring.Lookup(p.URI); err != nil {
			return cause(err)
		}
		return ""
	}
	if keyed, plain, _ := ring.Overlap(p); keyed == plain { // both zero
		return "no pattern of the keyring has a URI in common with it"
	}
	return ""
}

// routerForms gives what routers see of a pattern, the one first that is sent.
func routerForms(ring *keyring.Ring, realm string, p keyring.Pattern) ([]routerForm, error) {
	forms, _, err := ring.Forms(realm).Receive(p)
	if err != nil {
		return nil, err
	}
	around := scrambledAround(ring, p)
	list := make([]routerForm, len(forms))
	for i, f := range forms {
		list[i] = routerForm{Router: f.URI(p.URI), Secret: f.ID(), State: stateClear}
		switch {
		case around == nil:
		case f.IsClear():
			list[i].NotAfter = dated(around.ClearUntil)
		default:
			by := around.Secrets[slices.IndexFunc(around.Secrets, func(by keyring.ScrambledBy) bool { return by.ID == f.ID() })]
			list[i].State, list[i].ActiveFrom, list[i].NotAfter = by.State.String(), dated(by.Dates.ActiveFrom), dated(by.Dates.NotAfter)
		}
	}
	return list, nil
}
