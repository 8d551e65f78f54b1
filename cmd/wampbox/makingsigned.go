package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
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

// party is whom a file is of, in signed keys.
type party struct {
	name                 string
	originates, responds bool
}

// madeParty is a party with its new key, as JSON shows it.
type madeParty struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	Verify string `json:"verify"`
}

// signedMaking is how signed keys are made for the files of some parties.
type signedMaking struct {
	anyAnswerer, once bool
	sign              cryptobox.SigningKey // of the one party, zero for new ones
	reading           readingKey           // zero for new ones
	parties           []party              // in the order of the files
}

// readingKey is a reading key, or its public half alone.
type readingKey struct {
	private cryptobox.ReadingKey
	public  cryptobox.ReadingPublicKey
	unclear bool // whether it was the private half that was given
}

// readSigned reads the flags of signed keys, which say nothing of others.
func (m *making) readSigned(cmd *cli.Command) error {
	if cmd.Bool("signed") && m.suite == 0 {
		m.suite = cryptobox.SuiteSigned
	}
	switch {
	case cmd.Bool("signed") && m.dialect.Foreign():
		return usagef(cmd, "-signed is for our own dialect: %v has no such keys", m.dialect)
	case cmd.Bool("signed") && !m.suite.Signed():
		return usagef(cmd, "-signed makes keys of the suites signed and signed-pq: leave -suite %v out", m.suite)
	case m.suite.Signed() && cmd.IsSet("shared"):
		return usagef(cmd, "-shared is a secret of all parties, and of a signed key each has a part of its own: give -originator and -responder")
	}
	if !m.suite.Signed() {
		for _, name := range []string{"any-answerer", "signed-once", "reading"} {
			if cmd.IsSet(name) {
				return usagef(cmd, "-%s is for signed keys: give -signed too", name)
			}
		}
		return nil
	}
	m.signed = &signedMaking{anyAnswerer: cmd.Bool("any-answerer"), once: cmd.Bool("signed-once")}
	if !cmd.IsSet("reading") {
		return nil
	}
	var err error
	if m.signed.reading, err = readReading(cmd, cmd.String("reading")); err != nil {
		return err
	}
	if suite := m.signed.reading.public.Suite(); cmd.IsSet("suite") && suite != m.suite {
		return usagef(cmd, "-reading is a key of the suite %v, and -suite says %v", suite, m.suite)
	}
	m.suite = m.signed.reading.public.Suite()
	return nil
}

// readReading reads a reading key: a public one from the command line, either from a file.
func readReading(cmd *cli.Command, given string) (readingKey, error) {
	if public, err := cryptobox.ParseReadingPublicKey(given); err == nil && !isFile(given) {
		return readingKey{public: public}, nil
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
		return readingKey{public: public}, nil
	}
	private, err := cryptobox.ParseReadingKey(text)
	if err != nil {
		return readingKey{}, fmt.Errorf("-reading: %w", err)
	}
	return readingKey{private: private, public: private.Public(), unclear: notPublic == nil}, nil
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

// partyOf names the party whose file is at a path.
func partyOf(path string) string {
	name := filepath.Base(path)
	if cut := strings.TrimSuffix(name, filepath.Ext(name)); cut != "" {
		name = cut
	}
	return name
}

// newParties says who has which file. They are told apart by their names.
func newParties(all *initialized) ([]party, error) {
	parties, files := []party{}, map[string]string{}
	for _, path := range all.paths() {
		p := party{name: partyOf(path), originates: hasFile(all.Originator, path), responds: hasFile(all.Responder, path)}
		if other, known := files[p.name]; known {
			return nil, fmt.Errorf("%s and %s would be of one party, %q, as a party has the name of its file: name them differently", other, path, p.name)
		}
		files[p.name] = path
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
	originates, responds := s.does()
	switch {
	case responds && !s.reading.public.IsZero() && s.reading.private.IsZero():
		return usagef(cmd, "-reading is the public half of the reading key, and -responder needs the private one: give a file with that, "+
			"or give -originator alone, if others receive")
	case !responds && s.reading.unclear:
		return usagef(cmd, "-reading: the file may have the public or the private half, which look alike: give the public key itself, which wampbox pubkey prints")
	case !responds && s.reading.public.IsZero():
		return usagef(cmd, "who publishes and calls needs the public half of the reading key of those who receive: "+
			"give their files by -responder, or the key by -reading, which wampbox pubkey prints of such a file")
	case !s.sign.IsZero() && len(s.parties) > 1:
		return usagef(cmd, "-signing is the key of one party: give one file")
	case s.anyAnswerer && !originates:
		return usagef(cmd, "-any-answerer is for who calls: give -originator")
	}
	return nil
}

// does tells which roles the parties have.
func (s *signedMaking) does() (originates, responds bool) {
	for _, p := range s.parties {
		originates, responds = originates || p.originates, responds || p.responds
	}
	return originates, responds
}

// signedEntries gives a pattern with a new signed key, as the file of each party has it.
func (m *making) signedEntries(p keyring.Pattern, open []opened) ([]*keyfile.Entry, made, error) {
	told := made{Pattern: p.URI, Match: p.Match.String()}
	reading := m.signed.reading
	if reading.public.IsZero() {
		var err error
		if reading.private, err = cryptobox.GenerateReadingKey(m.suite); err != nil {
			return nil, told, err
		}
		reading.public = reading.private.Public()
	}
	told.ID, told.Reading = cryptobox.SignedID(reading.public).String(), reading.public.String()
	signs := make([]cryptobox.SigningKey, len(open))
	for i, party := range m.signed.parties {
		if signs[i] = m.signed.sign; signs[i].IsZero() {
			signs[i] = cryptobox.GenerateSigningKey()
		}
		told.Parties = append(told.Parties, madeParty{party.name, open[i].path, signs[i].Public().String()})
	}
	entries := make([]*keyfile.Entry, len(open))
	for i := range open {
		v := m.version()
		m.signed.fill(v, i, reading, signs)
		entries[i] = &keyfile.Entry{Pattern: p, Comment: m.comment, Versions: []*keyfile.Version{v}}
		if !m.until.IsZero() {
			entries[i].Plaintext, entries[i].Until = keyring.SendPlain, m.until
		}
	}
	return entries, told, nil
}

// fill gives a version the keys and lists of one of the parties.
func (s *signedMaking) fill(v *keyfile.Version, i int, reading readingKey, signs []cryptobox.SigningKey) {
	v.Sign, v.SignedOnce = keyfile.SigningKey(signs[i]), s.once
	if s.parties[i].originates {
		v.Seal, v.AnyAnswerer = keyfile.ReadingPublicKey(reading.public), s.anyAnswerer
	}
	if s.parties[i].responds {
		v.Read = keyfile.ReadingKey(reading.private)
	}
	for j, other := range s.parties {
		listed := keyfile.Party{Name: other.name, Key: keyfile.VerifyKey(signs[j].Public())}
		if other.originates && s.parties[i].responds {
			v.Senders = append(v.Senders, listed)
		}
		if other.responds && s.parties[i].originates && !v.AnyAnswerer {
			v.Answerers = append(v.Answerers, listed)
		}
	}
}

// sayParties tells who has what, and who has to give what to whom.
func (m *making) sayParties(list []made) {
	originates, responds := m.signed.does()
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
	case !responds && !m.signed.anyAnswerer:
		note("it lists no answerers yet: until it does, it publishes, and its calls are refused here; wampbox add -answerer adds one")
	case originates && responds:
		note("the files list each other's verify keys; of a party that joins later, the other side lists the key by wampbox add -sender, or -answerer")
	}
	if responds {
		note("the reading key is a secret of those who receive; who has it reads all, calls and answers too")
	}
}
