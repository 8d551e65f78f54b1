package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// signedHelp says what -signed makes, in the help of the commands that do.
const signedHelp = `With -signed the keys are signed ones: who publishes can't read what others publish, who
receives can't publish, and each message proves which party has sent it. Each file is of
a party, and has a signing key of its own. Those that subscribe and are called have the
same reading key besides, a secret, and a list of the senders whom they hear. Those that
publish and call have its public half, and a list of the answerers whom they believe. With
-signed-once services whose readers trust one another are several times as fast.`

// signedFlags say what signed keys are like.
func signedFlags() []cli.Flag {
	return []cli.Flag{
		yes("signed", "make signed keys, as -suite signed does"),
		yes("any-answerer", "signed keys: take answers of whoever has the reading key"),
		yes("signed-once", "signed keys: sign calls and answers once an hour"),
	}
}

// readingFlag takes a reading key that is there already.
func readingFlag() cli.Flag {
	return flags.Text("reading", "signed keys: the reading `KEY`, public, or a file with the private one")
}

// madeParty is a party with its new key, as JSON shows it.
type madeParty struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	Verify string `json:"verify"`
}

// signedMaking is how signed keys are made for the files of some parties.
type signedMaking struct {
	renewal.SignedKeys                      // Reading is zero for new ones, and Signs are made
	sign               cryptobox.SigningKey // of the one party, zero for new ones
	unclear            bool                 // whether it was Reading's private half that was given
}

// readingKey is one that was given.
type readingKey struct {
	renewal.Reading
	unclear bool // whether it was the private half
}

// readSigned reads the flags of signed keys, which say nothing of others.
func (m *making) readSigned(cmd *cli.Command) error {
	if cmd.Bool("signed") && m.manner.Suite == 0 {
		m.manner.Suite = cryptobox.SuiteSigned
	}
	switch {
	case cmd.Bool("signed") && m.manner.Dialect.Foreign():
		return usagef(cmd, "-signed is for our own dialect: %v has no such keys", m.manner.Dialect)
	case cmd.Bool("signed") && !m.manner.Suite.Signed():
		return usagef(cmd, "-signed makes keys of the suites signed and signed-pq: leave -suite %v out", m.manner.Suite)
	case m.manner.Suite.Signed() && cmd.IsSet("shared"):
		return usagef(cmd, "-shared is a secret of all parties, and of a signed key each has a part of its own: give -originator and -responder")
	}
	if !m.manner.Suite.Signed() {
		for _, name := range []string{"any-answerer", "signed-once", "reading"} {
			if cmd.IsSet(name) {
				return usagef(cmd, "-%s is for signed keys: give -signed too", name)
			}
		}
		return nil
	}
	m.signed = &signedMaking{SignedKeys: renewal.SignedKeys{AnyAnswerer: cmd.Bool("any-answerer"), Once: cmd.Bool("signed-once")}}
	if !cmd.IsSet("reading") {
		return nil
	}
	given, err := readReading(cmd, cmd.String("reading"))
	if err != nil {
		return err
	}
	m.signed.Reading, m.signed.unclear = given.Reading, given.unclear
	if suite := given.Public.Suite(); cmd.IsSet("suite") && suite != m.manner.Suite {
		return usagef(cmd, "-reading is a key of the suite %v, and -suite says %v", suite, m.manner.Suite)
	}
	m.manner.Suite = given.Public.Suite()
	return nil
}

// readReading reads a reading key: a public one from the command line, either from a file.
func readReading(cmd *cli.Command, given string) (readingKey, error) {
	if public, err := cryptobox.ParseReadingPublicKey(given); err == nil && !isFile(given) {
		return readingKey{Reading: renewal.Reading{Public: public}}, nil
	}
	text, err := readInput(given, maxKeyText)
	switch {
	case err != nil && hasKeyType(given):
		return readingKey{}, usagef(cmd, "-reading: that is no public reading key: give what wampbox pubkey prints of the responders' key, x25519:... or xwing:...; "+seenPrivate)
	case errors.Is(err, fs.ErrNotExist):
		return readingKey{}, fmt.Errorf("-reading: %w, and it is neither x25519:... nor xwing:..., a public reading key", unnamed(err))
	case err != nil:
		return readingKey{}, fmt.Errorf("-reading: %w", unnamed(err))
	}
	defer clear(text)
	if isKeyring(text) {
		return readingKey{}, usagef(cmd, "-reading: that is a keyring file: give the key that wampbox pubkey prints of it, x25519:... or xwing:...")
	}
	return parseReading(string(text))
}

// seenPrivate warns of what may have been given in place of a public key.
const seenPrivate = "if it is a private key, others may have seen it on the command line, so use it no more"

// hasKeyType tells whether a text begins as that of a signed key's parts does.
func hasKeyType(text string) bool {
	return slices.ContainsFunc([]string{"ed25519:", "x25519:", "xwing:"}, func(keyType string) bool { return strings.HasPrefix(text, keyType) })
}

// maxKeyText is room for the longest key, and comments.
const maxKeyText = 1 << 16

// parseReading reads the text of a file. Of X25519 keys a file may have either half: what keygen
// wrote is private, and what pubkey printed public. As both may look alike, files are of private
// ones, and what passes for a public one is unclear: no key of keygen does.
func parseReading(text string) (readingKey, error) {
	public, notPublic := cryptobox.ParseReadingPublicKey(text)
	if notPublic == nil && public.Suite() == cryptobox.SuiteSignedPQ {
		return readingKey{Reading: renewal.Reading{Public: public}}, nil
	}
	private, err := cryptobox.ParseReadingKey(text)
	if err != nil {
		return readingKey{}, fmt.Errorf("-reading: %w", err)
	}
	return readingKey{renewal.Reading{Private: private, Public: private.Public()}, notPublic == nil}, nil
}

// readSigning reads a signing key from a file.
func readSigning(path string) (cryptobox.SigningKey, error) {
	text, err := readInput(path, maxKeyText)
	if err != nil {
		return cryptobox.SigningKey{}, fmt.Errorf("-signing: %w", unnamed(err))
	}
	defer clear(text)
	if isKeyring(text) {
		return cryptobox.SigningKey{}, errors.New("-signing: that is a keyring file: give the file of a key alone, which wampbox keygen -signing -o FILE makes")
	}
	key, err := cryptobox.ParseSigningKey(string(text))
	if err != nil {
		return cryptobox.SigningKey{}, fmt.Errorf("-signing: %w", err)
	}
	return key, nil
}

// newParties says who has which file. They are told apart by their names.
func newParties(all *initialized) ([]renewal.Party, error) {
	parties, files := []renewal.Party{}, map[string]string{}
	for _, path := range all.paths() {
		p := renewal.Party{Name: renewal.PartyOf(path), Originates: hasFile(all.Originator, path), Responds: hasFile(all.Responder, path)}
		if other, known := files[p.Name]; known {
			return nil, fmt.Errorf("%s and %s would be of one party, %q, as a party has the name of its file: name them differently", other, path, p.Name)
		}
		files[p.Name] = path
		parties = append(parties, p)
	}
	return parties, nil
}

// hasFile tells whether a file is among others, by whatever name.
func hasFile(paths []string, path string) bool {
	for _, other := range paths {
		if absolute(other) == absolute(path) {
			return true
		}
	}
	return false
}

// check refuses what can't be made for these parties.
func (s *signedMaking) check(cmd *cli.Command) error {
	originates, responds := s.Does()
	switch {
	case responds && !s.Reading.Public.IsZero() && s.Reading.Private.IsZero():
		return usagef(cmd, "-reading is the public half of the reading key, and -responder needs the private one: give a file with that, "+
			"or give -originator alone, if others receive")
	case !responds && s.unclear:
		return usagef(cmd, "-reading: the file may have the public or the private half, which look alike: give the public key itself, which wampbox pubkey prints")
	case !responds && s.Reading.Public.IsZero():
		return usagef(cmd, "who publishes and calls needs the public half of the reading key of those who receive: "+
			"give their files by -responder, or the key by -reading, which wampbox pubkey prints of such a file")
	case !s.sign.IsZero() && len(s.Parties) > 1:
		return usagef(cmd, "-signing is the key of one party: give one file")
	case s.AnyAnswerer && !originates:
		return usagef(cmd, "-any-answerer is for who calls: give -originator")
	}
	return nil
}

// signedEntries gives a pattern with a new signed key, as the file of each party has it.
func (m *making) signedEntries(p keyring.Pattern, open []opened) ([]*keyfile.Entry, made, error) {
	told := made{Pattern: p.URI, Match: p.Match.String()}
	keys := m.signed.SignedKeys
	if keys.Reading.Public.IsZero() {
		var err error
		if keys.Reading, err = renewal.NewReading(m.manner.Suite); err != nil {
			return nil, told, err
		}
	}
	told.ID, told.Reading = cryptobox.SignedID(keys.Reading.Public).String(), keys.Reading.Public.String()
	keys.Signs = make([]cryptobox.SigningKey, len(open))
	for i, party := range keys.Parties {
		if keys.Signs[i] = m.signed.sign; m.signed.sign.IsZero() {
			keys.Signs[i] = cryptobox.GenerateSigningKey()
		}
		told.Parties = append(told.Parties, madeParty{party.Name, open[i].Path, keys.Signs[i].Public().String()})
	}
	entries := make([]*keyfile.Entry, len(open))
	for i := range open {
		v := m.manner.Version(now())
		keys.Fill(v, i)
		entries[i] = &keyfile.Entry{Pattern: p, Comment: m.comment, Versions: []*keyfile.Version{v}}
		if !m.until.IsZero() {
			entries[i].Plaintext, entries[i].Until = keyring.SendPlain, m.until
		}
	}
	return entries, told, nil
}

// sayParties tells who has what, and who has to give what to whom.
func (m *making) sayParties(list []made) {
	originates, responds := m.signed.Does()
	for _, key := range list {
		if key.Plain {
			continue
		}
		pattern := words.Argument(key.Pattern)
		if !originates {
			note("for those who publish and call, the public half of the reading key: %s\nwith it each of them runs:\n   wampbox add -signed -originator FILE -reading KEY %s", key.Reading, pattern)
		}
		for _, p := range key.Parties {
			if !responds {
				note("for those who receive, the verify key of %s; each of them runs:\n   wampbox add -sender %s %s FILE", p.Name, words.Argument(p.Name+"="+p.Verify), pattern)
			}
			if !originates {
				note("for those who call, the verify key of %s; each of them runs:\n   wampbox add -answerer %s %s FILE", p.Name, words.Argument(p.Name+"="+p.Verify), pattern)
			}
		}
	}
	switch {
	case !responds && !m.signed.AnyAnswerer:
		note("it lists no answerers yet: until it does, it publishes, and its calls are refused here; wampbox add -answerer adds one")
	case originates && responds:
		note("the files list each other's verify keys; of a party that joins later, the other side lists the key by wampbox add -sender, or -answerer")
	}
	if responds {
		note("the reading key is a secret of those who receive; who has it reads all, calls and answers too")
	}
}
