package keyfile

import (
	"fmt"
	"strconv"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Grant says whose word a file is, of a key service: an authority's for a member, and how long
// it counts. [File.Ring] and [Load] lend the keys until then: see [keyring.Ring.Lease]. Only
// such a file may be without patterns.
type Grant struct {
	Authority  cryptobox.VerifyKey
	Serial     uint64    // 1 to [MaxSerial]; a later grant has a greater one
	Member     string    // its name at the authority
	Expires    time.Time // nothing is sealed after that
	OpensUntil time.Time // nothing is opened after that; not before Expires
}

// MaxSerial bounds a [Grant]'s serial: beyond it, programs differ in how they read numbers of
// JSON.
const MaxSerial = 1<<53 - 1

// grantFields are a grant's, in the order in which they are written.
const grantFields = "authority, serial, member, expires, opens_until"

// grant reads whose word the file is.
func (p *parser) grant(line int) (*Grant, error) {
	g := new(Grant)
	err := p.object(`"grant"`, func(name string, line int) (err error) {
		switch name {
		case "authority":
			g.Authority, err = p.verifyKey(name, line)
		case "serial":
			g.Serial, err = p.serial(name)
		case "member":
			g.Member, err = p.string(name)
		case "expires":
			g.Expires, err = p.date(name, line)
		case "opens_until":
			g.OpensUntil, err = p.date(name, line)
		default:
			err = p.unknown(line, name, grantFields)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if why := g.problem(); why != "" {
		return nil, p.fail(line, "%s", why)
	}
	return g, nil
}

// problem says what is wrong with a grant, or nothing.
func (g *Grant) problem() string {
	switch {
	case g.Authority.IsZero():
		return "a grant has the authority's key: give it"
	case g.Serial == 0 || g.Serial > MaxSerial:
		return fmt.Sprintf("a grant has a serial from 1 to %d: give it", uint64(MaxSerial))
	case statement.CheckName(g.Member) != nil:
		return "a grant has a member's name, 1 to 64 letters, digits, dots, underscores and hyphens, of which the first is a letter or digit: give it"
	case g.Expires.IsZero() || g.OpensUntil.IsZero():
		return "a grant has dates, expires and opens_until: give both"
	case g.OpensUntil.Before(g.Expires):
		return "a grant opens_until a time that isn't before it expires: give a later one"
	}
	return ""
}

// verifyKey reads a key that stands in the text.
func (p *parser) verifyKey(name string, line int) (cryptobox.VerifyKey, error) {
	text, err := p.raw(name)
	if err != nil {
		return cryptobox.VerifyKey{}, err
	}
	key, err := parseVerify(text)
	if err != nil {
		return key, p.fail(line, `%q isn't a key: write "ed25519:" and 44 characters of base64`, name)
	}
	return key, nil
}

// serial reads a number without a sign, a fraction or an exponent.
func (p *parser) serial(name string) (uint64, error) {
	line := p.here()
	value, err := p.value('0', `"`+name+`"`, "a number")
	if err != nil {
		return 0, err
	}
	serial, err := strconv.ParseUint(string(value), 10, 64)
	if err != nil {
		return 0, p.fail(line, "%q has to be a whole number from 1 to %d", name, uint64(MaxSerial))
	}
	return serial, nil
}

// grant writes whose word the file is.
func (w *writer) grant(g *Grant) {
	if g == nil {
		return
	}
	if why := g.problem(); why != "" {
		w.fail("%s", why)
		return
	}
	w.name("grant")
	w.object(func() {
		w.string("authority", g.Authority.String())
		w.name("serial")
		w.add(strconv.FormatUint(g.Serial, 10))
		w.string("member", g.Member)
		w.date("expires", g.Expires)
		w.date("opens_until", g.OpensUntil)
	})
}

// lend has the keys of a ring be used only as long as the grant counts.
func (g *Grant) lend(ring *keyring.Ring) {
	if g != nil {
		ring.Lease(g.Expires, g.OpensUntil)
	}
}
