package operator

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func (env Env) statusCommand() *cli.Command {
	return env.Command(&cli.Command{
		Name:  "status",
		Usage: "show who has fetched what, and who hasn't before a date",
		Description: `Shows which members have their last grant, and of each version that is to seal from a date on
who has it by now and who hasn't; so of the secrets of scrambled URIs. Who hasn't by the date can't open what is sealed with it: see
why, or put it off with rotate -defer. It knows what collect took in: run that first. Replicas
of a member tell of themselves, so "partly" is that one has it, and another one hasn't.

Examples:

   $ wampbox authority collect && wampbox authority status
   $ wampbox authority status -json | jq -r '.members[] | select(.has != "has") | .name'`,
		Flags: env.folderFlags(),
	}, env.status)
}

// status is what the command prints as JSON.
type status struct {
	At         time.Time         `json:"at"`
	Key        string            `json:"key"`
	Serial     uint64            `json:"serial,omitempty"`
	Issued     time.Time         `json:"issued,omitzero"`
	Expires    time.Time         `json:"expires,omitzero"`
	OpensUntil time.Time         `json:"opens_until,omitzero"`
	FreshUntil time.Time         `json:"fresh_until,omitzero"`
	Unissued   bool              `json:"unissued"`
	Members    []memberStatus    `json:"members"`
	Patterns   []patternStatus   `json:"patterns"`
	Scrambled  []scrambledStatus `json:"scrambled,omitempty"`
}

type memberStatus struct {
	Name       string       `json:"name"`
	Serial     uint64       `json:"serial,omitempty"` // of its last grant
	Has        string       `json:"has"`
	Asked      time.Time    `json:"asked,omitzero"`
	SealsUntil time.Time    `json:"seals_until,omitzero"`
	Stale      bool         `json:"stale,omitempty"`
	Held       []heldSerial `json:"held"`
}

type heldSerial struct {
	Serial uint64    `json:"serial"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
}

type patternStatus struct {
	pattern
	Every    string          `json:"every,omitempty"`
	Next     time.Time       `json:"next,omitzero"`
	Versions []versionStatus `json:"versions"`
}

type versionStatus struct {
	ID         string    `json:"id"`
	State      string    `json:"state"`
	ActiveFrom time.Time `json:"active_from,omitzero"`
	NotAfter   time.Time `json:"not_after,omitzero"`
	Issued     uint64    `json:"issued,omitempty"` // the serial of the first grants with it
	Have       []string  `json:"have"`
	Partly     []string  `json:"partly"`
	HaveNot    []string  `json:"have_not"`
}

func (env Env) status(_ context.Context, cmd *cli.Command) error {
	return env.do(cmd, func(a *authority.Authority) error {
		s, err := a.Status()
		if err != nil {
			return err
		}
		all := newStatus(s)
		if cmd.Bool(jsonFlag) {
			return env.json(all)
		}
		return env.printStatus(all)
	})
}

func newStatus(s authority.Status) status {
	all := status{
		At: s.At.UTC(), Key: s.Key.String(), Serial: s.Serial, Issued: s.Issued.UTC(), Expires: s.Expires.UTC(),
		OpensUntil: s.OpensUntil.UTC(), FreshUntil: s.FreshUntil.UTC(), Unissued: s.Unissued,
		Members: []memberStatus{}, Patterns: []patternStatus{},
	}
	for _, m := range s.Members {
		one := memberStatus{m.Name, m.Serial, m.Has.String(), m.Asked.UTC(), m.SealsUntil.UTC(), m.Stale, []heldSerial{}}
		for _, h := range m.Held {
			one.Held = append(one.Held, heldSerial{h.Serial, h.First.UTC(), h.Last.UTC()})
		}
		all.Members = append(all.Members, one)
	}
	for _, p := range s.Patterns {
		one := patternStatus{pattern: newPattern(p.Pattern), Next: p.Next.UTC(), Versions: []versionStatus{}}
		if p.Schedule.Every > 0 {
			one.Every = flags.Shown(p.Schedule.Every)
		}
		for _, v := range p.Versions {
			one.Versions = append(one.Versions, versionStatus{
				v.ID, v.State.String(), v.Dates.ActiveFrom.UTC(), v.Dates.NotAfter.UTC(), v.Issued,
				some(v.Names(authority.Has)), some(v.Names(authority.HasPartly)), some(v.Names(authority.HasNot)),
			})
		}
		all.Patterns = append(all.Patterns, one)
	}
	for _, one := range s.Scrambled {
		all.Scrambled = append(all.Scrambled, newScrambledStatus(one))
	}
	return all
}

// some is a list that JSON doesn't write as null.
func some(list []string) []string { return append([]string{}, list...) }

func (env Env) printStatus(all status) error {
	if all.Serial == 0 {
		return env.line("Nothing was issued yet: wampbox authority issue does it")
	}
	if err := env.line("Issued %s, serial %d; members seal until %s", shown(all.Issued, ""), all.Serial, shown(all.Expires, "")); err != nil {
		return err
	}
	if all.Unissued {
		if err := env.line("Something has changed since, and is in no grant: wampbox authority issue writes it"); err != nil {
			return err
		}
	}
	if until := all.FreshUntil; !until.IsZero() && until.Before(all.At.Add(until.Sub(all.Issued)/2)) {
		if err := env.line("Issue again before %s: until then servers can prove that their answers are fresh", shown(until, "")); err != nil {
			return err
		}
	}
	rows := [][]string{{"MEMBER", "LAST GRANT", "ASKED", "SEALS UNTIL"}}
	for _, m := range all.Members {
		rows = append(rows, m.row())
	}
	if len(rows) > 1 {
		if err := env.line(""); err != nil {
			return err
		}
		if err := env.table(rows); err != nil {
			return err
		}
	}
	return env.printComing(all)
}

func (m memberStatus) row() []string {
	has := m.Has + " it"
	if m.Has == authority.HasPartly.String() {
		has = "some replicas have it"
	}
	asked := shown(m.Asked, "never")
	if m.Stale {
		asked += ", which is long ago"
	}
	return []string{m.Name, has, asked, shown(m.SealsUntil, "-")}
}

// printComing shows what is to seal, and who has it.
func (env Env) printComing(all status) error {
	rows := [][]string{{"PATTERN", "VERSION", "SEALS FROM", "HAVE IT", "HAVEN'T"}}
	for _, p := range all.Patterns {
		pending := 0
		for _, v := range p.Versions {
			if v.State == keyring.StatePending.String() {
				pending++
				rows = append(rows, []string{p.text(), v.ID, shown(v.ActiveFrom, ""), orNobody(v.Have), orNobody(v.lacking())})
			}
		}
		if p.Every != "" && pending == 0 {
			rows = append(rows, []string{p.text(), "made by issue", shown(p.Next, "when it is due"), "", "each " + p.Every})
		}
	}
	for _, one := range all.Scrambled {
		rows = append(rows, one.rows()...)
	}
	if len(rows) == 1 {
		return nil
	}
	if err := env.line(""); err != nil {
		return err
	}
	return env.table(rows)
}

func (v versionStatus) lacking() []string { return lacking(v.HaveNot, v.Partly) }

func lacking(haveNot, partly []string) []string {
	lacking := haveNot
	for _, name := range partly {
		lacking = append(lacking, fmt.Sprintf("%s (partly)", name))
	}
	return lacking
}

func orNobody(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}
