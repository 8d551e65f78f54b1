package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

const scrambleHelp = `Has routers see the URIs below a prefix scrambled: of each component behind it 16
characters that say nothing to who doesn't have the secret. The prefix ends with a dot.
Programs go on with the real URIs. Each file gets the same new secret, or that of
-secret, which keygen -scramble made; all parties of these URIs need it. Its id is
printed on standard output. Routers' rules have to name what wampbox uri prints.

What still shows: the prefix, the number of components, and where equal ones stand.

Below the prefix only patterns that lie there count, with keys in our own dialect.

In a system that runs, give -activate and -allow-clear: until the first date URIs are sent
as they are, until the second they are taken so too. Hand the files to all programs before
the first. The second has to be later by what messages may be old and clocks differ.
-allow-clear alone gives it another date, and now ends it.

   -rotate   adds the next secret: it is taken at once, and URIs are sent under it from the
             date of -activate on (24h); the old one is taken for the time of -retire (7d)
             after that. Administrators' rules have to name both meanwhile.
   -remove   takes the prefix out, so that routers see its URIs again; with -id only that
             secret, such as one that somebody has who shouldn't

Programs that follow their file (keywatch) take secrets over by themselves. They refuse
a later -allow-clear and -remove, unless they allow it (keywatch.AllowPlain): start those
again, and all that loaded their file once.`

func scrambleCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "scramble",
		Usage:     "have routers see URIs scrambled, and change the secret",
		ArgsUsage: "PREFIX FILE...",
		Description: scrambleHelp + `

` + accessHelp + `

Examples:

   $ wampbox scramble com.myapp. keys/*.json
   $ wampbox scramble com.myapp. keys/*.json -activate 24h -allow-clear 48h
   $ wampbox scramble com.myapp. keys/*.json -rotate
   $ wampbox scramble com.myapp. originator.json -secret scramble.key
   $ wampbox scramble com.myapp. keys/*.json -remove`,
		Flags: slices.Concat([]cli.Flag{
			flags.Text("secret", "take the secret in `FILE`, in place of a new one"),
			flags.Text("activate", "send under the new secret from `WHEN` on: a time, a date, or now"),
			flags.Text("allow-clear", "take URIs as they are too until `WHEN`: a time from now, a date, or now to end it"),
			yes("rotate", "add the next secret"),
			flags.Text("retire", "with -rotate, take the old secret until `WHEN`: a time after -activate, or a date"),
			yes("remove", "take the prefix out, or one secret"),
			flags.Text("id", "with -remove, take out the secret of this `ID` alone"),
			flags.Text("comment", "write `TEXT` beside the new secret"),
		}, accessFlags(), []cli.Flag{jsonFlag()}),
	}, scramble)
}

// scrambled is what scramble prints as JSON.
type scrambled struct {
	Prefix     string     `json:"prefix"`
	ID         string     `json:"id,omitempty"` // of the new secret
	ActiveFrom *time.Time `json:"active_from,omitempty"`
	Old        string     `json:"old,omitempty"`
	OldUntil   *time.Time `json:"old_not_after,omitempty"`
	AllowClear *time.Time `json:"allow_clear,omitempty"`
	Removed    []string   `json:"removed,omitempty"` // ids
	Files      []string   `json:"files"`
}

// scrambling is what a command line asks for.
type scrambling struct {
	prefix  string
	rotate  bool
	remove  bool
	id      string
	comment string

	secret      func() (cryptobox.ScrambleSecret, error)
	secretGiven bool
	from        time.Time // zero for always
	exact       bool      // it was given as a date
	until       time.Time // of the old secret
	clear       time.Time // zero to end it
	clearGiven  bool
}

// newScrambling reads the command line.
func newScrambling(cmd *cli.Command) (*scrambling, error) {
	s := &scrambling{rotate: cmd.Bool("rotate"), remove: cmd.Bool("remove"), id: cmd.String("id"), comment: cmd.String("comment")}
	var err error
	if s.prefix, err = scramblePrefix(cmd, cmd.Args().First()); err != nil {
		return nil, err
	}
	if err := s.together(cmd); err != nil {
		return nil, err
	}
	s.secretGiven, s.secret = cmd.IsSet("secret"), newSecret(cmd)
	return s, s.dates(cmd)
}

// scramblePrefix reads a prefix whose URIs are scrambled.
func scramblePrefix(cmd *cli.Command, text string) (string, error) {
	p, err := pattern(cmd, text)
	if err == nil && !strings.HasSuffix(p.URI, ".") {
		err = usagef(cmd, "what is scrambled lies below a prefix that ends with a dot: give %s.", p.URI)
	}
	return p.URI, err
}

// together refuses flags that don't go together.
func (s *scrambling) together(cmd *cli.Command) error {
	no := func(with string, names ...string) error {
		for _, name := range names {
			if cmd.IsSet(name) {
				return usagef(cmd, "-%s doesn't go with -%s: leave it out", name, with)
			}
		}
		return nil
	}
	switch {
	case s.remove:
		return no("remove", "rotate", "secret", "activate", "allow-clear", "retire", "comment")
	case s.id != "":
		return usagef(cmd, "-id is for -remove")
	case s.rotate:
		return no("rotate", "allow-clear")
	case cmd.IsSet("retire"):
		return usagef(cmd, "-retire is for -rotate")
	}
	return nil
}

// dates reads the dates.
func (s *scrambling) dates(cmd *cli.Command) error {
	activate, retire := cmd.String("activate"), cmd.String("retire")
	if s.rotate && activate == "" {
		activate = "24h"
	}
	if retire == "" {
		retire = "7d"
	}
	var ok bool
	if activate != "" {
		if s.from, ok = flags.Moment(activate, now()); !ok {
			return usagef(cmd, "-activate: %s", flags.MomentHelp)
		}
		if s.exact = flags.IsDate(activate); s.exact && !s.secretGiven && s.from.Before(now().Add(-time.Hour)) {
			return usagef(cmd, "-activate: that date has passed: for at once give now")
		}
	}
	if s.until, ok = flags.Moment(retire, s.from); !ok {
		return usagef(cmd, "-retire: %s", flags.MomentHelp)
	}
	if s.until.Before(s.from) {
		return usagef(cmd, "-retire: the old secret would end before the new one is sent under: give a later date")
	}
	if s.clearGiven = cmd.IsSet("allow-clear"); !s.clearGiven || cmd.String("allow-clear") == "now" {
		return nil
	}
	var err error
	if s.clear, err = ending(cmd, "allow-clear"); err != nil {
		return err
	}
	if s.clear.Before(s.from) {
		return usagef(cmd, "-allow-clear: it would end before the secret is sent under, and nothing be sent meanwhile: give a later date than -activate")
	}
	return nil
}

// maxSecretFile is room for comments beside a secret.
const maxSecretFile = 4096

// newSecret gives what makes the secret, or reads it.
func newSecret(cmd *cli.Command) func() (cryptobox.ScrambleSecret, error) {
	path := cmd.String("secret")
	return func() (cryptobox.ScrambleSecret, error) {
		if path == "" {
			return cryptobox.GenerateScrambleSecret(), nil
		}
		text, err := readInput(path, maxSecretFile)
		if err != nil {
			return cryptobox.ScrambleSecret{}, err
		}
		defer clear(text)
		secret, err := cryptobox.ParseScrambleSecret(string(text))
		if err != nil {
			return secret, fmt.Errorf("%s: %w: wampbox keygen -scramble makes one", path, err)
		}
		return secret, nil
	}
}

func scramble(_ context.Context, cmd *cli.Command) error {
	s, err := newScrambling(cmd)
	if err != nil {
		return err
	}
	paths, access, err := filesAndAccess(cmd, cmd.Args().Tail())
	if err != nil {
		return err
	}
	var made scrambled
	var says []string
	if err := access.update(paths, func(open []opened) (err error) {
		made, says, err = s.change(open)
		return err
	}); err != nil {
		return err
	}
	for _, text := range says {
		note("%s", text)
	}
	if cmd.Bool("json") {
		return outputJSON(made)
	}
	if made.ID != "" {
		return outputLine(made.ID)
	}
	return nil
}

// ofPrefix tells what a file says of a prefix.
func (f opened) ofPrefix(prefix string) (keyring.Scrambled, bool, error) {
	ring, err := f.Ring()
	if err != nil {
		return keyring.Scrambled{}, false, fmt.Errorf("%s: %w", f.Path, err)
	}
	for told := range ring.Scrambled() {
		if told.Prefix == prefix {
			return told, true, nil
		}
	}
	return keyring.Scrambled{}, false, nil
}

// version makes the secret as a file has it.
func (s *scrambling) version(secret cryptobox.ScrambleSecret) *keyfile.ScrambleVersion {
	return &keyfile.ScrambleVersion{Secret: keyfile.ScrambleSecret(secret), Dates: keyring.Dates{ActiveFrom: s.from}, Comment: s.comment}
}
