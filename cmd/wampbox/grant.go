package main

import (
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// listedGrant says whose word a keyring file is, as list and explain print it as JSON.
type listedGrant struct {
	Authority  string    `json:"authority"`
	Serial     uint64    `json:"serial"`
	Member     string    `json:"member"`
	State      string    `json:"state"`
	Expires    time.Time `json:"expires"`
	OpensUntil time.Time `json:"opens_until"`
}

// newListedGrant gives nil for a file that is nobody's grant.
func newListedGrant(g *keyfile.Grant, now time.Time) *listedGrant {
	if g == nil {
		return nil
	}
	state := "active"
	switch {
	case now.After(g.OpensUntil):
		state = "expired"
	case now.After(g.Expires):
		state = "retired"
	}
	return &listedGrant{g.Authority.String(), g.Serial, g.Member, state, g.Expires.UTC(), g.OpensUntil.UTC()}
}

// says is how it stands beside what else is said of a file.
func (g *listedGrant) says() string {
	if g == nil {
		return ""
	}
	return fmt.Sprintf("for %s, serial %d, of the authority %s; its keys seal until %s", g.Member, g.Serial, g.Authority, shown(g.Expires, ""))
}
