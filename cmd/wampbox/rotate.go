package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

const rotateHelp = `Adds the next version of a key to keyring files, as pending: it opens, and seals
nothing until activate. Its id is printed on standard output.

With both files in one place (-dir, or -keyring for each) both parties get new
keys.

Where each party keeps its own file, one renews its keys at a time:

   1. One party runs rotate on its own file, and gets a new private key. The
      public key that is printed is for the other party, and no secret, but has
      to come from the right one.
   2. The other party runs rotate with -peer and that public key on its file.
      Both have the same id now.

   To renew the keys of both, do the same once more the other way round, and
   activate the last id only. A version is made from the newest one: pending
   before active before retired.

Of a secret that parties share, rotate makes a new one: with all files at once,
or in one, from which you take the entry to the other holders.

To change keys while all run, do each step at all peers before the next:

   1. rotate               everybody opens the new version, nobody seals with it
   2. activate -id NEW     everybody seals with it, some sooner than others
   3. retire -id OLD -after 7d
   4. revoke -id OLD       when that date has passed; the old keys are gone

Programs take over a changed file when they load it again, or by themselves if
they watch it.`

func rotateCommand() *cli.Command {
	flags := append(fileFlags(),
		text("peer", "the other party's new public `KEY`, base64 or hex"),
		text("id", "give the version this `ID`; the same at all peers"),
		text("comment", "write `TEXT` into the new entries"))
	flags = append(append(flags, choiceFlags()...), accessFlags()...)
	return command(&cli.Command{
		Name:  "rotate",
		Usage: "make the next version of a key, pending",
		Description: rotateHelp + `

` + accessHelp + `

Examples:

   $ wampbox rotate -dir keys
   $ wampbox rotate -keyring originator.json
   Public key: GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=
   $ wampbox rotate -keyring responder.json -peer GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=`,
		Flags: append(flags, jsonFlag()),
	}, rotate)
}

// rotated is what rotate prints as JSON.
type rotated struct {
	ID      string            `json:"id"`
	State   string            `json:"state"`
	Pattern string            `json:"pattern"`
	Match   string            `json:"match"`
	Files   []string          `json:"files"`
	Public  map[string]string `json:"public,omitempty"` // new public keys by side
}

func rotate(_ context.Context, cmd *cli.Command) error {
	paths, err := files(cmd)
	if err != nil {
		return err
	}
	meant, err := newChoice(cmd)
	if err != nil {
		return err
	}
	next := &renewal{id: cmd.String("id"), comment: cmd.String("comment"), alone: len(paths) == 1}
	if cmd.IsSet("peer") {
		if next.peer, err = cryptobox.ParsePublicKey(cmd.String("peer")); err != nil {
			return usagef(cmd, "-peer: %v", err)
		}
		if !next.alone {
			return usagef(cmd, "-peer is for one file: with all of them both parties get new keys")
		}
	}
	access, err := newAccess(cmd)
	if err != nil {
		return err
	}
	var made rotated
	if err := access.update(paths, func(open []opened) (err error) {
		made, err = next.addTo(open, meant)
		return err
	}); err != nil {
		return err
	}
	for side, public := range made.Public {
		if len(made.Public) == 1 { // else nobody else has to learn it
			note("Public key: %s", public)
			note("it is the %s's; the other party needs it for -peer", side)
		}
	}
	if next.shared && next.alone {
		note("the new secret is in %s only: take the entry to all other holders in a safe way", made.Files[0])
	}
	if cmd.Bool("json") {
		return outputJSON(made)
	}
	return outputLine(made.ID)
}

// addTo adds the next version to all files.
func (r *renewal) addTo(open []opened, meant choice) (rotated, error) {
	var made rotated
	bases := make([]keyfile.Listed, len(open))
	for i, f := range open {
		p, err := meant.one(f)
		if err != nil {
			return made, err
		}
		if bases[i], err = newest(f, p); err != nil {
			return made, err
		}
		if first := bases[0]; bases[i].Pattern != first.Pattern || bases[i].Info.ID != first.Info.ID {
			return made, fmt.Errorf("the newest versions of %s and %s differ, so they don't belong together: "+
				"rotate each by itself, or bring them to the same version first", open[0].path, f.path)
		}
	}
	if err := r.prepare(open, bases); err != nil {
		return made, err
	}
	made = rotated{State: "pending", Pattern: bases[0].Pattern.URI, Match: bases[0].Pattern.Match.String(), Public: r.public()}
	for i, f := range open {
		entry := r.entry(bases[i].Entry)
		if err := f.Add(entry); err != nil {
			return made, err
		}
		id, err := f.ID(entry)
		if err != nil {
			return made, err
		}
		if made.ID != "" && made.ID != id {
			return made, errors.New("the files would hold different versions: they don't belong together")
		}
		made.ID = id
		made.Files = append(made.Files, f.path)
	}
	return made, nil
}
