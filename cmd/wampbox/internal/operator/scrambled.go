package operator

import (
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// shownScrambled is what show prints as JSON of a scrambled prefix.
type shownScrambled struct {
	Prefix     string        `json:"prefix"`
	AllowClear *time.Time    `json:"allow_clear,omitempty"`
	Secrets    []shownSecret `json:"secrets"`
	Members    []string      `json:"members"`
}

type shownSecret struct {
	ID         string    `json:"id"`
	State      string    `json:"state"`
	ActiveFrom time.Time `json:"active_from,omitzero"`
	NotAfter   time.Time `json:"not_after,omitzero"`
}

func newShownSecret(v keyring.ScrambledBy) shownSecret {
	return shownSecret{v.ID, v.State.String(), v.Dates.ActiveFrom.UTC(), v.Dates.NotAfter.UTC()}
}

func newShownScrambled(s authority.ShownScrambled) shownScrambled {
	one := shownScrambled{s.Prefix, date(s.ClearUntil), []shownSecret{}, some(s.Members)}
	for _, v := range s.Secrets {
		one.Secrets = append(one.Secrets, newShownSecret(v))
	}
	return one
}

// printScrambled shows which URIs are scrambled.
func (env Env) printScrambled(all []shownScrambled) error {
	if len(all) == 0 {
		return nil
	}
	rows := [][]string{{"SCRAMBLED BELOW", "SECRET", "STATE", "FROM", "UNTIL", "KNOWN TO"}}
	for _, one := range all {
		names := list(one.Members)
		if len(one.Members) == 0 {
			names = "nobody"
		}
		if one.AllowClear != nil {
			rows = append(rows, []string{one.Prefix, "as they are", "", "", shown(*one.AllowClear, ""), "all"})
		}
		for _, v := range one.Secrets {
			rows = append(rows, []string{one.Prefix, v.ID, v.State, shown(v.ActiveFrom, "-"), shown(v.NotAfter, "-"), names})
		}
	}
	if err := env.line(""); err != nil {
		return err
	}
	return env.table(rows)
}

// scrambledStatus is what status prints as JSON of a scrambled prefix.
type scrambledStatus struct {
	Prefix     string         `json:"prefix"`
	AllowClear *time.Time     `json:"allow_clear,omitempty"`
	Secrets    []secretStatus `json:"secrets"`
}

type secretStatus struct {
	shownSecret
	Issued  uint64   `json:"issued,omitempty"` // the serial of the first grants with it
	Have    []string `json:"have"`
	Partly  []string `json:"partly"`
	HaveNot []string `json:"have_not"`
}

func newScrambledStatus(s authority.ScrambledStatus) scrambledStatus {
	one := scrambledStatus{s.Prefix, date(s.ClearUntil), []secretStatus{}}
	for _, v := range s.Secrets {
		one.Secrets = append(one.Secrets, secretStatus{
			newShownSecret(v.ScrambledBy), v.Issued,
			some(v.Names(authority.Has)), some(v.Names(authority.HasPartly)), some(v.Names(authority.HasNot)),
		})
	}
	return one
}

// rows tell of the secrets that are to come.
func (s scrambledStatus) rows() (rows [][]string) {
	for _, v := range s.Secrets {
		if v.State == keyring.StatePending.String() {
			rows = append(rows, []string{"URIs below " + s.Prefix, v.ID, shown(v.ActiveFrom, ""), orNobody(v.Have), orNobody(lacking(v.HaveNot, v.Partly))})
		}
	}
	return rows
}

// wouldEndSecrets says which secrets revoke would end: those of the prefixes below which the member
// would hold nothing any more.
func (env Env) wouldEndSecrets(a *authority.Authority, member string, patterns []keyring.Pattern) (all []endedSecrets, err error) {
	held, err := holdings(a, member)
	if err != nil {
		return nil, err
	}
	s, err := a.Show()
	if err != nil {
		return nil, err
	}
	for _, one := range s.Scrambled {
		keeps := false
		for p := range held {
			keeps = keeps || strings.HasPrefix(p.URI, one.Prefix) && !slices.Contains(patterns, p)
		}
		if keeps || !slices.Contains(one.Members, member) {
			continue
		}
		ended := endedSecrets{Prefix: one.Prefix}
		for _, v := range one.Secrets {
			ended.Old = append(ended.Old, v.ID)
		}
		all = append(all, ended)
		env.note("URIs below %q: this secret would end, and another one would be used at once: %s", one.Prefix, list(ended.Old))
	}
	return all, nil
}
