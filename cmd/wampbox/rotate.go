package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/lint"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
)

const rotateHelp = `Adds the next version of a pattern's key to keyring files. It opens at once, and
seals from the date of -activate on; the version that seals until then opens for
the time of -retire after that. So a rotation is one change: hand the files out
before the date, in any order, and each peer goes over by its clock. The new id is
printed on standard output.

-activate is a duration from now (90s, 36h, 30d, 2w), a date such as 2027-01-31T12:00:00Z,
or now, which is written as half a minute ago. -retire is a duration from then, or
a date. Take it longer than messages may be old when they arrive, 5 minutes by
default, retained events that a router keeps too. activate and retire move these
dates.

With all files in one place both parties get new keys. Where each party keeps its
own file, one renews its keys at a time:

   1. One party runs rotate on its own file, and gets a new private key. The
      public key that is printed is for the other party, and no secret, but has
      to come from the right one.
   2. The other party runs rotate with -peer, that public key and the same dates
      on its file. Both have the same id now.

Of a secret that parties share, rotate makes a new one. Give it the files of all
holders at once. In one file alone, the new version has to travel from there: copy the
file, or the version's lines in it, over to each other holder, in a safe way. To run
rotate at each of them makes secrets that differ.

To cancel a rotation before its date, revoke the new version and retire the old one
-at ever, at all peers: see revoke -h.

With -for or -suite the next version seals in another way than the one before: for
peers of another kind, or with another suite. The pattern goes over to it by the same
dates, and each party gives the same flags. What has to follow is said.

Of a signed key the reading key is new, and so is the id; signing keys and lists of parties
stay. Where files are apart, one who receives runs rotate, and each who publishes and calls
runs it with -peer and the public key that is printed. With -suite signed or signed-pq a
key that isn't signed goes over to one that is. Each file is then of a party, by the file's
name, and "allow_unsigned" is written: until the old version ends, what isn't signed opens
too. There is no way back.

Programs that follow their file (keywatch; sub, the examples) take it over by
themselves. One that loaded it once has to be started again before the date, or it
refuses what the new version seals. When the old version's date has passed, revoke
takes its keys out of the files.`

func rotateCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "rotate",
		Usage:     "make the next version of a key",
		ArgsUsage: "PATTERN FILE...",
		Description: rotateHelp + `

` + accessHelp + `

Examples:

   $ wampbox rotate com.myapp.orders. keys/*.json
   $ wampbox rotate com.myapp.orders. -activate 2h -retire 1d keys/originator.json keys/responder.json
   $ wampbox rotate com.myapp.orders. originator.json
   Public key: GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=
   $ wampbox rotate com.myapp.orders. keys/*.json -suite signed`,
		Flags: slices.Concat([]cli.Flag{
			initial(flags.Text("activate", "the new version seals from `WHEN` on: a time, a date, or now"), "24h"),
			initial(flags.Text("retire", "the old version opens until `WHEN`: a time after that, or a date"), "7d"),
			flags.Text("peer", "the other party's new public `KEY`, or of signed keys the new reading key"),
			flags.OneOf("for", "the other end is `WHO` from then on: wampbox (this library), autobahn or passthru", dialects...),
			suiteFlag("seal with `NAME`: box, xbox (large payloads), signed, signed-pq (quantum-safe)"),
			flags.Text("id", "in passthru, give the version this `ID`; the same at all peers"),
			flags.Text("comment", "write `TEXT` into the new version"),
			matchFlag(),
		}, accessFlags(), []cli.Flag{jsonFlag()}),
	}, rotate)
}

// rotated is what rotate prints as JSON.
type rotated struct {
	ID         string     `json:"id"`
	Pattern    string     `json:"pattern"`
	Match      string     `json:"match"`
	Dialect    string     `json:"dialect,omitempty"` // none is ours
	Suite      string     `json:"suite,omitempty"`
	ActiveFrom time.Time  `json:"active_from"`
	Old        string     `json:"old"`
	OldUntil   *time.Time `json:"old_not_after,omitempty"`
	// AllowUnsigned is until when what isn't signed opens beside the first signed version.
	AllowUnsigned *time.Time        `json:"allow_unsigned,omitempty"`
	Files         []string          `json:"files"`
	Public        map[string]string `json:"public,omitempty"` // new public keys by side; of signed keys, "reading" and parties
}

func rotate(_ context.Context, cmd *cli.Command) error {
	next, err := newRotation(cmd)
	if err != nil {
		return err
	}
	paths, err := files(cmd, cmd.Args().Tail())
	if err != nil {
		return err
	}
	if len(paths) > 1 && cmd.IsSet("peer") {
		return usagef(cmd, "-peer is for one file: with all of them both parties get new keys")
	}
	access, err := newAccess(cmd)
	if err != nil {
		return err
	}
	var made rotated
	if err := access.update(paths, func(open []opened) (err error) {
		made, err = next.addTo(open)
		return err
	}); err != nil {
		return err
	}
	next.say(made)
	if cmd.Bool("json") {
		return outputJSON(made)
	}
	return outputLine(made.ID)
}

// rotation is what rotate was asked for, and what it makes of that.
type rotation struct{ renewal.Renewal }

// newRotation reads the command line.
func newRotation(cmd *cli.Command) (*rotation, error) {
	r := &rotation{renewal.Renewal{Now: now(), Comment: cmd.String("comment"), Settle: func(m *renewal.Manner) error { return readManner(cmd, m) }}}
	var err error
	if r.Pattern, err = pattern(cmd, cmd.Args().First()); err != nil {
		return nil, err
	}
	if cmd.IsSet("peer") {
		if err = r.readPeer(cmd.String("peer")); err != nil {
			return nil, usagef(cmd, "-peer: %v", err)
		}
	}
	var ok bool
	if r.From, ok = flags.Moment(cmd.String("activate"), now()); !ok {
		return nil, usagef(cmd, "-activate: %s", flags.MomentHelp)
	}
	r.Exact = flags.IsDate(cmd.String("activate"))
	if r.Exact && !cmd.IsSet("peer") && r.From.Before(now().Add(-time.Hour)) {
		return nil, usagef(cmd, "-activate: that date has passed: for at once give now")
	}
	if r.Until, ok = flags.Moment(cmd.String("retire"), r.From); !ok {
		return nil, usagef(cmd, "-retire: %s", flags.MomentHelp)
	}
	if r.Until.Before(r.From) {
		return nil, usagef(cmd, "-retire: the old version would end before the new one seals: give a later date")
	}
	return r, nil
}

// readPeer reads a public key: of a pair, or the public half of a reading key, which begins with
// what it is.
func (r *rotation) readPeer(text string) (err error) {
	if strings.Contains(text, ":") {
		r.Reading, err = cryptobox.ParseReadingPublicKey(text)
		return err
	}
	r.Peer, err = cryptobox.ParsePublicKey(text)
	return err
}

// addTo adds the next version to those of the files that have the pattern.
func (r *rotation) addTo(open []opened) (rotated, error) {
	open, err := having(open, r.Pattern)
	if err != nil {
		return rotated{}, err
	}
	list := make([]renewal.File, len(open))
	for i, f := range open {
		list[i] = f.File
	}
	next, err := r.AddTo(list)
	for _, dropped := range r.Dropped {
		saidUnused(dropped.Path, dropped.ID)
	}
	var later *renewal.LaterError
	var revoked *renewal.RevokedError
	switch {
	case errors.As(err, &later):
		err = fmt.Errorf("%w: give a later -activate, activate that one sooner, or cancel its rotation by wampbox revoke %s", err, later.ID)
	case errors.As(err, &revoked):
		err = fmt.Errorf("%w: %s", err, addsAnew(r.Pattern))
	}
	if err != nil {
		return rotated{}, err
	}
	made := rotated{
		ID: next.ID, Pattern: r.Pattern.URI, Match: r.Pattern.Match.String(), ActiveFrom: r.From,
		Old: next.Old, OldUntil: dated(next.OldUntil), AllowUnsigned: dated(next.AllowUnsigned), Public: r.Public(),
	}
	if next.Dialect.Foreign() {
		made.Dialect = next.Dialect.String()
	} else {
		made.Suite = next.Suite.String()
	}
	for _, f := range open {
		made.Files = append(made.Files, f.Path)
	}
	return made, nil
}

// say tells what was made, what to beware of, and what has to happen next.
func (r *rotation) say(made rotated) {
	note("%v: %s seals from %s on", r.Pattern, made.ID, shown(made.ActiveFrom, ""))
	if made.OldUntil != nil {
		note("%s opens until %s", made.Old, shown(*made.OldUntil, ""))
	}
	files := strings.Join(made.Files, ", ")
	if from, until, gap := lint.Unsealed(r.Versions, time.Now()); gap && !from.After(time.Now()) {
		note("warning: nothing seals for %v until %s, as no other version does: nothing is sent for its URIs; "+
			`"wampbox activate %s %s" has it seal at once, as "-activate now" would have`, r.Pattern, shown(until, ""), made.ID, strings.Join(made.Files, " "))
	}
	if text := early(r.Versions, time.Now()); text != "" {
		note("warning: %s", text)
	}
	if r.Shared && r.Alone {
		note("the new secret is in %s only: take the version to all other holders in a safe way: copy the file, or the lines of %s in it; rotate there would make another secret", files, made.ID)
	}
	if r.Signed != nil {
		r.saySigned(made)
	}
	for side, public := range made.Public {
		if r.Signed != nil || len(made.Public) > 1 { // nobody else has to learn them
			break
		}
		note("Public key: %s", public)
		flags := ""
		if r.Changed || r.Manner.ID != "" {
			flags = mannerFlags(r.Manner)
		}
		note("it is the %s's, and for the other party, who runs:\n   wampbox rotate %q -peer %s%s -activate %s -retire %s FILE",
			side, r.Pattern.URI, public, flags, shown(r.From, ""), shown(r.Until, ""))
	}
	if r.Changed {
		r.sayManner(made)
	}
	r.sayNext(made.ActiveFrom.After(time.Now()), shown(made.ActiveFrom, ""), files, made.ID)
}

// sayManner says what another dialect or suite asks of the other end.
func (r *rotation) sayManner(made rotated) {
	from := shown(made.ActiveFrom, "")
	if !r.Manner.Dialect.Foreign() {
		note("from %s on it is sealed for this library, in suite %s: whoever is at the other end has to be that, and to have this version by then", from, made.Suite)
		return
	}
	note("from %s on it is sealed for %v: whoever is at the other end has to speak that, and the router to carry it, "+
		"which wampbox doctor -router finds out; docs/AUTOBAHN.md, \"What stays open\", says what such peers aren't protected from", from, r.Manner.Dialect)
}

// sayNext says what has to happen, and by when.
func (r *rotation) sayNext(later bool, from, files, id string) {
	if later {
		note("hand over by %s, in any order, to all programs that use them: %s", from, files)
		note("programs that follow their file (keywatch) take it over by themselves; those that loaded it once have to be started again by then")
		return
	}
	note("hand over at once, to all programs that use them: %s; a program without %s refuses what it seals", files, id)
	note("programs that follow their file (keywatch) take it over by themselves; those that loaded it once have to be started again at once")
}
