package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// making is what init and add put into files: patterns with new keys, and plain ones.
type making struct {
	manner       renewal.Manner
	keyed, plain []keyring.Pattern
	shared       bool          // one secret, for all files
	signed       *signedMaking // nil for other keys
	originators  int           // else how many files are of originators; the others are of responders
	comment      string
	until        time.Time // sent plain until then, zero for not at all
	scramble     string    // the prefix whose URIs are scrambled, "" for none
}

// made is a pattern that was put into files, as JSON shows it.
type made struct {
	Pattern string `json:"pattern"`
	Match   string `json:"match"`
	Plain   bool   `json:"plain,omitempty"`
	ID      string `json:"id,omitempty"`
	// Of signed keys, the public half of the reading key, and whose files have a part.
	Reading string      `json:"reading,omitempty"`
	Parties []madeParty `json:"parties,omitempty"`
}

// makingFlags say what the keys are like.
func makingFlags() []cli.Flag {
	return slices.Concat(signedFlags(), []cli.Flag{
		flags.OneOf("for", "the other end isn't this library but `WHO`: autobahn or passthru", dialects[1:]...),
		suiteFlag("seal with `NAME`: box, xbox (large payloads), signed, signed-pq (quantum-safe)"),
		flags.Text("id", "in passthru, give the key this `ID`; for one pattern"),
		flags.Text("comment", "write `TEXT` into the files"),
		flags.Text("plain-until", "begin a transition: send plain until `WHEN`, a time from now or a date"),
		matchFlag(),
	})
}

// newMaking reads the patterns that get keys and those that are plain.
func newMaking(cmd *cli.Command, keyed, plain []string) (*making, error) {
	m := &making{comment: cmd.String("comment")}
	if err := readManner(cmd, &m.manner); err != nil {
		return nil, err
	}
	if err := m.readSigned(cmd); err != nil {
		return nil, err
	}
	if cmd.IsSet("plain-until") {
		var err error
		if m.until, err = ending(cmd, "plain-until"); err != nil {
			return nil, err
		}
		if len(keyed) == 0 {
			return nil, usagef(cmd, "-plain-until is for patterns that get a key")
		}
	}
	var all []keyring.Pattern
	for i, text := range slices.Concat(keyed, plain) {
		p, err := pattern(cmd, text)
		if err != nil {
			return nil, err
		}
		if slices.Contains(all, p) {
			return nil, usagef(cmd, "%v is given twice", p)
		}
		all = append(all, p)
		if i < len(keyed) {
			m.keyed = append(m.keyed, p)
		} else {
			m.plain = append(m.plain, p)
		}
	}
	if len(all) == 0 {
		return nil, usagef(cmd, "PATTERN is missing")
	}
	if m.manner.ID != "" && len(m.keyed) != 1 {
		return nil, usagef(cmd, "-id is for one pattern, as each has a key of its own")
	}
	if m.manner.Suite != 0 && cmd.IsSet("shared") {
		return nil, usagef(cmd, "-suite is for pairs of keys: a secret of all parties has one suite")
	}
	return m, nil
}

// into puts the patterns into files: those of originators and then those of responders, or
// those that share a secret.
func (m *making) into(open []opened) ([]made, error) {
	var list []made
	for _, p := range m.keyed {
		entries, told, err := m.entries(p, open)
		if err != nil {
			return nil, err
		}
		for i, f := range open {
			if err := f.put(entries[i]); err != nil {
				return nil, err
			}
		}
		list = append(list, told)
	}
	for _, p := range m.plain {
		for _, f := range open {
			if err := f.put(&keyfile.Entry{Pattern: p, Plain: true, Comment: m.comment}); err != nil {
				return nil, err
			}
		}
		list = append(list, made{Pattern: p.URI, Match: p.Match.String(), Plain: true})
	}
	for _, f := range open {
		if _, err := f.Ring(); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	return list, nil
}

// put adds an entry of a pattern that the file doesn't have, a key to one of which all
// versions are revoked, or one that begins with plaintext to one that is plain.
func (f opened) put(e *keyfile.Entry) error {
	at := slices.IndexFunc(f.Entries, func(other *keyfile.Entry) bool { return other.Pattern == e.Pattern })
	if at < 0 {
		f.Entries = append(f.Entries, e)
		return nil
	}
	old := f.Entries[at]
	switch {
	case old.Plain && e.Plaintext != 0:
		e.Comment = cmp.Or(e.Comment, old.Comment)
		f.Entries[at] = e
		return nil
	case old.Plain && !e.Plain:
		return fmt.Errorf("%s has %v, and declares it plain: -plain-until gives it a key, and has it sealed when all have that", f.Path, e.Pattern)
	}
	lives := func(v *keyfile.Version) bool { return !v.Revoked }
	if slices.ContainsFunc(old.Versions, func(v *keyfile.Version) bool { return lives(v) && v.Suite.Signed() }) {
		return fmt.Errorf("%s has %v already: to give a further party a part of its signed key, name the file of that alone, with -reading and the key that "+
			"wampbox pubkey prints of who receives; then -sender or -answerer lists it here; rotate gives the pattern another key", f.Path, e.Pattern)
	}
	if e.Plain || old.Plain || slices.ContainsFunc(old.Versions, lives) {
		return fmt.Errorf("%s has %v already: rotate gives it another key", f.Path, e.Pattern)
	}
	if e.Plaintext != 0 {
		old.Plaintext, old.Until = e.Plaintext, e.Until
	}
	saidUnused(f.Path, f.DropUnused(e.Pattern, now())...)
	if len(old.Versions) == 0 {
		old.Versions = e.Versions
		return nil
	}
	infos, err := f.OfPattern(e.Pattern)
	if err != nil {
		return err
	}
	for _, v := range e.Versions {
		v.Dates.ActiveFrom = renewal.Begins(now(), now(), infos, "") // behind what is revoked
		old.Versions = append(old.Versions, v)
	}
	return nil
}

// entries gives a pattern with a new key, as each file has it, and what is told of it.
func (m *making) entries(p keyring.Pattern, open []opened) ([]*keyfile.Entry, made, error) {
	if m.signed != nil {
		return m.signedEntries(p, open)
	}
	versions := make([]*keyfile.Version, len(open))
	for i := range versions {
		versions[i] = m.manner.Version(now())
	}
	originator, responder := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	id := m.manner.PairID(originator.Public(), responder.Public())
	secret := m.manner.Version(now())
	if m.shared {
		id = m.manner.Share(secret)
	}
	for i, v := range versions {
		switch {
		case m.shared:
			renewal.CopySecret(v, secret)
		case i < m.originators:
			v.Originator, v.Responder = renewal.PrivateSide(originator), renewal.PublicSide(responder.Public())
		default:
			v.Originator, v.Responder = renewal.PublicSide(originator.Public()), renewal.PrivateSide(responder)
		}
	}
	m.manner.Name(id, versions...)
	entries := make([]*keyfile.Entry, len(open))
	for i, v := range versions {
		entries[i] = &keyfile.Entry{Pattern: p, Comment: m.comment, Versions: []*keyfile.Version{v}}
		if !m.until.IsZero() {
			entries[i].Plaintext, entries[i].Until = keyring.SendPlain, m.until
		}
	}
	return entries, made{Pattern: p.URI, Match: p.Match.String(), ID: id}, nil
}

// say tells what was made, and warns of what may not be meant.
func (m *making) say(list []made) {
	for _, p := range m.keyed {
		note("%s", aloud(p))
		warnNoDot(p)
	}
	for _, p := range m.plain {
		note("plain, %s", aloud(p))
		warnNoDot(p)
	}
	if !m.until.IsZero() {
		note("what has a key is sent plain until %s: when all programs have it, go on with transition -accept", shown(m.until, ""))
	}
	if m.scramble != "" {
		note("routers see the URIs below %q scrambled: wampbox uri prints what their rules have to name", m.scramble)
	}
	if m.signed != nil {
		m.sayParties(list)
	}
}

// outputMade prints the ids of the new keys, a line each.
func outputMade(list []made) error {
	for _, m := range list {
		if m.Plain {
			continue
		}
		if err := outputLine(m.ID); err != nil {
			return err
		}
	}
	return nil
}

// now is the time as keyring files have it.
func now() time.Time { return renewal.Moment(time.Now()) }
