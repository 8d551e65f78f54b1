package main

import (
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// early says which version of a pattern, in the order of [keyring.Ring.Versions], ends before
// what is sealed with it can have arrived, and what that does; nothing where none does.
func early(versions []keyring.VersionInfo, at time.Time) string {
	for i, old := range versions {
		if i == 0 || old.Dates.NotAfter.IsZero() || old.State == keyring.StateRevoked {
			continue
		}
		next, until := versions[i-1], old.Dates.NotAfter
		enough := next.Dates.ActiveFrom.Add(renewal.Arrival)
		switch {
		case !until.Before(enough), enough.Before(at), until.Add(renewal.Arrival).Before(at):
		case until.After(at):
			return fmt.Sprintf("%s seals until %s, and opens until %s only: what is sealed with it before that and arrives later is refused; "+
				"sessions take messages for 5 minutes, and clocks differ, so retire it at %s or later",
				old.ID, shown(next.Dates.ActiveFrom, ""), shown(until, ""), shown(enough, ""))
		case !next.Dates.ActiveFrom.After(at):
			return fmt.Sprintf("%s has expired, and opens nothing any more: what was sealed with it and hasn't arrived is refused, "+
				"and so is what programs without %s go on to seal; wampbox retire %[1]s -at 10m FILE... has it open for so long", old.ID, next.ID)
		}
	}
	return ""
}
