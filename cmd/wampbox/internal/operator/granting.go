package operator

import (
	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
)

// asHelp says in which part a member may hold a key.
const asHelp = `A member holds the key of a pattern as one of these:

   originator  it publishes and calls
   responder   it subscribes and is called
   both        it does all of that
   sender      signed keys: it publishes, and can't call
   reader      signed keys: it subscribes, and isn't heard as an answerer

A pattern that has no key yet gets one, of the -suite: box, if that isn't given, or xbox for
large payloads; shared is one secret for all, who hold it as both. With signed, who publishes
can't read, and each message proves which member sent it; signed-pq withstands quantum
computers too, and goes to members of identity -pq alone. Members sign with their own key.`

// parts are the words for them.
var parts = []authority.As{authority.Originator, authority.Responder, authority.Sender, authority.Reader, authority.Both}

func partNames() []string {
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i] = part.String()
	}
	return names
}

// suites are those that a key may be of.
var suites = []cryptobox.Suite{cryptobox.SuiteBox, cryptobox.SuiteXBox, cryptobox.SuiteShared, cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ}

func suiteNames() []string {
	names := make([]string, len(suites))
	for i, suite := range suites {
		names[i] = suite.String()
	}
	return names
}

// keyFlags say what key a pattern gets.
func keyFlags() []cli.Flag {
	return []cli.Flag{
		flags.OneOf("suite", "a new key is of suite `NAME`: box, xbox, shared, signed or signed-pq", suiteNames()...),
		flags.OneOf("for", "the other end is `WHO`: wampbox (this library), autobahn or passthru",
			cryptobox.Wampbox.String(), cryptobox.Autobahn.String(), cryptobox.Passthru.String()),
		flags.Text("id", "in passthru, give a new key this `ID`"),
		flags.Text("comment", "write `TEXT` beside a new key, for the operator"),
		yes("any-answerer", "signed keys: who calls takes the answers of all who read"),
		yes("signed-once", "signed keys: calls and answers are signed once an hour, not each: see init -h"),
	}
}

// grantOptions reads them.
func (env Env) grantOptions(cmd *cli.Command) (o authority.GrantOptions, err error) {
	o = authority.GrantOptions{
		ID: cmd.String("id"), Comment: cmd.String("comment"),
		AnyAnswerer: cmd.Bool("any-answerer"), SignedOnce: cmd.Bool("signed-once"),
	}
	if cmd.IsSet("suite") {
		if o.Suite, err = cryptobox.ParseSuite(cmd.String("suite")); err != nil {
			return o, err
		}
	}
	if cmd.IsSet("for") {
		o.Dialect, err = cryptobox.ParseDialect(cmd.String("for"))
	}
	return o, err
}
