package main

import (
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
)

// saySigned tells what has to be given to whom.
func (r *rotation) saySigned(made rotated) {
	s := r.Signed
	originates, responds := s.Does()
	pattern := words.Argument(r.Pattern.URI)
	if made.AllowUnsigned != nil {
		note("what isn't signed opens beside it until %s (allow_unsigned), and no longer", shown(*made.AllowUnsigned, ""))
	}
	if responds && r.Alone {
		note("the new reading key is in %s only: take the version to all others who receive in a safe way: copy the lines of %s in it, but each with its own \"sign\"; rotate there would make another key", made.Files[0], made.ID)
	}
	if responds && !originates {
		note("Public key: %s", s.Reading.Public)
		note("it is the reading key's public half, and for each who publishes and calls, who runs:\n   wampbox rotate %s -peer KEY%s -activate %s -retire %s FILE",
			pattern, mannerFlags(r.Manner), shown(r.From, ""), shown(r.Until, ""))
	}
	for i, sign := range s.Signs {
		p, verify := s.Parties[i], sign.Public().String()
		if p.Originates && !responds {
			note("the verify key of %s is for those who receive: when they have rotated, each runs:\n   wampbox add -sender %s %s FILE", p.Name, words.Argument(p.Name+"="+verify), pattern)
		}
		if p.Responds && !originates {
			note("the verify key of %s is for those who call: when they have rotated, each runs:\n   wampbox add -answerer %s %s FILE", p.Name, words.Argument(p.Name+"="+verify), pattern)
		}
	}
	if r.Follows {
		note("signing keys and lists of parties stay as they are")
	} else if originates && responds {
		note("the parties list each other by the names of their files: %s", strings.Join(s.Names(), ", "))
	}
}
