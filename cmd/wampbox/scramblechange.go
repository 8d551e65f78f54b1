package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// change changes files, and gives what was made and what there is to say.
func (s *scrambling) change(open []opened) (made scrambled, says []string, err error) {
	told := make([]keyring.Scrambled, len(open)) // zero of those that lack the prefix
	secrets := 0
	for i, f := range open {
		if told[i], _, err = f.ofPrefix(s.prefix); err != nil {
			return made, nil, err
		}
		if len(told[i].Secrets) > 0 {
			secrets++
		}
	}
	made = scrambled{Prefix: s.prefix}
	for _, f := range open {
		made.Files = append(made.Files, f.Path)
	}
	onlyClear := s.clearGiven && !s.secretGiven && s.from.IsZero() && s.comment == ""
	switch {
	case s.remove:
		says, err = s.take(open, told, &made)
	case s.rotate:
		says, err = s.next(open, told, &made)
	case secrets == len(open) && onlyClear:
		says, err = s.setClear(open, told, &made)
	default:
		says, err = s.begin(open, told, &made)
	}
	return made, says, err
}

// begin gives all files their first secret.
func (s *scrambling) begin(open []opened, told []keyring.Scrambled, made *scrambled) ([]string, error) {
	for i, f := range open {
		if len(told[i].Secrets) == 0 {
			continue
		}
		if lacks := slices.IndexFunc(told, func(t keyring.Scrambled) bool { return len(t.Secrets) == 0 }); lacks >= 0 {
			return nil, fmt.Errorf(`%s scrambles the URIs below %q, and %s doesn't: copy the lines of "scramble" over to that, as a new secret would differ`,
				f.Path, s.prefix, open[lacks].Path)
		}
		return nil, fmt.Errorf("%s scrambles the URIs below %q already: -rotate gives another secret, -remove ends it; to move the date of one to come, take that out with -remove -id, and -rotate again", f.Path, s.prefix)
	}
	if !s.from.IsZero() && !s.exact {
		s.from = renewal.Begins(s.from, now(), nil, "")
	}
	secret, err := s.secret()
	if err != nil {
		return nil, err
	}
	made.ID, made.ActiveFrom, made.AllowClear = secret.ID().String(), dated(s.from), dated(s.clear)
	for _, f := range open {
		err := f.AddScramble(s.prefix, s.version(secret))
		if err == nil && s.clearGiven {
			err = f.AllowClear(s.prefix, s.clear)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	says := []string{fmt.Sprintf("the URIs below %q are scrambled under %s%s", s.prefix, made.ID, fromWhen(s.from))}
	switch later := s.from.After(time.Now()); {
	case s.clear.IsZero() && later:
		says = append(says, "warning: nothing is sent for them before that: -allow-clear has them go as they are until then")
	case !s.clear.IsZero():
		says = append(says, fmt.Sprintf("they are taken as they are too until %s: who writes routers' rules has to allow both", shown(s.clear, "")))
	}
	if len(open) == 1 {
		says = append(says, fmt.Sprintf("the secret is in %s: all parties of these URIs need it; take it to them in a safe way, with the lines of \"scramble\", or with -secret", open[0].Path))
	}
	says = append(says, "hand the files over to all programs that use them"+byWhen(s.from)+
		"; those that loaded their file once have to be started again; wampbox uri prints what routers' rules have to name")
	return append(says, notBelow(open, s.prefix)...), nil
}

func fromWhen(t time.Time) string {
	if !t.After(time.Now()) {
		return ""
	}
	return " from " + shown(t, "") + " on"
}

func byWhen(t time.Time) string {
	if !t.After(time.Now()) {
		return " at once"
	}
	return " by " + shown(t, "")
}

// notBelow warns of files of which no pattern lies below the prefix.
func notBelow(open []opened, prefix string) (says []string) {
	for _, f := range open {
		below := false
		for _, e := range f.Entries {
			below = below || strings.HasPrefix(e.Pattern.URI, prefix)
		}
		if !below {
			says = append(says, fmt.Sprintf("warning: %s: no pattern of it lies below %q, so that its URIs are closed there: wampbox add gives it one", f.Path, prefix))
		}
	}
	return says
}

// next adds the next secret.
func (s *scrambling) next(open []opened, told []keyring.Scrambled, made *scrambled) ([]string, error) {
	begun := make([]keyring.ScrambledBy, len(open))
	var all []keyring.VersionInfo
	for i, f := range open {
		if len(told[i].Secrets) == 0 {
			return nil, fmt.Errorf("%s: the URIs below %q aren't scrambled: without -rotate they will be", f.Path, s.prefix)
		}
		for _, by := range told[i].Secrets {
			if by.Dates.ActiveFrom.After(s.from) {
				return nil, fmt.Errorf("%s: the secret %s is sent under from %s on already: give a later -activate, or take it out with -remove -id",
					f.Path, by.ID, shown(by.Dates.ActiveFrom, ""))
			}
			all = append(all, keyring.VersionInfo{ID: by.ID, Dates: by.Dates})
		}
		if begun[i] = told[i].Secrets[0]; begun[i].ID != begun[0].ID {
			return nil, fmt.Errorf("%s and %s scramble the URIs below %q under different secrets: wampbox lint tells more", open[0].Path, f.Path, s.prefix)
		}
	}
	if !s.exact {
		retire := s.until.Sub(s.from)
		s.from = renewal.Begins(s.from, now(), all, "")
		s.until = later(s.until, s.from.Add(retire))
	}
	secret, err := s.secret()
	if err != nil {
		return nil, err
	}
	made.ID, made.ActiveFrom, made.Old, made.OldUntil = secret.ID().String(), dated(s.from), begun[0].ID, dated(s.until)
	says := []string{
		fmt.Sprintf("the URIs below %q are scrambled under %s%s", s.prefix, made.ID, fromWhen(s.from)),
		fmt.Sprintf("%s is taken until %s", made.Old, shown(s.until, "")),
	}
	for i, f := range open {
		err := f.AddScramble(s.prefix, s.version(secret))
		if err == nil {
			err = f.SetScrambleDates(s.prefix, made.Old, keyring.Dates{ActiveFrom: begun[i].Dates.ActiveFrom, NotAfter: s.until})
		}
		for _, by := range told[i].Secrets[1:] {
			if err == nil && by.State == keyring.StateExpired {
				err = f.RemoveScramble(s.prefix, by.ID)
				says = append(says, fmt.Sprintf("%s: the secret %s has expired, and was taken out", f.Path, by.ID))
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	if s.until.Before(s.from.Add(renewal.Arrival)) {
		says = append(says, fmt.Sprintf("warning: messages that were sent under it and arrive later than that are refused: retire it at %s or later",
			shown(s.from.Add(renewal.Arrival), "")))
	}
	return append(says, "hand the files over to all programs that use them"+byWhen(s.from)+
		", in any order; wampbox uri prints what routers' rules have to name meanwhile"), nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// setClear gives -allow-clear another date.
func (s *scrambling) setClear(open []opened, told []keyring.Scrambled, made *scrambled) ([]string, error) {
	made.AllowClear = dated(s.clear)
	longer := false
	for i, f := range open {
		if err := f.AllowClear(s.prefix, s.clear); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		longer = longer || s.clear.After(told[i].ClearUntil)
	}
	if s.clear.IsZero() {
		return []string{fmt.Sprintf("the URIs below %q are taken scrambled alone", s.prefix)}, nil
	}
	says := []string{fmt.Sprintf("the URIs below %q are taken as they are too until %s", s.prefix, shown(s.clear, ""))}
	if longer {
		says = append(says, refusedByWatchers)
	}
	return says, nil
}

const refusedByWatchers = "hand the files over, and start the programs that use them again: those that follow their file (keywatch) " +
	"refuse it until then, unless they allow it (keywatch.AllowPlain)"

// take takes out the prefix, or one of its secrets.
func (s *scrambling) take(open []opened, told []keyring.Scrambled, made *scrambled) ([]string, error) {
	made.Files = nil
	next := ": hand over whenever you like, as it had expired"
	for i, f := range open {
		ids, err := s.takeOut(f, told[i])
		switch {
		case errors.Is(err, keyring.ErrNoVersion):
			continue
		case err != nil:
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		made.Files = append(made.Files, f.Path)
		if slices.ContainsFunc(told[i].Secrets, func(by keyring.ScrambledBy) bool {
			return slices.Contains(ids, by.ID) && by.State != keyring.StateExpired
		}) {
			next = ": hand over at once; what is sent under it is missed"
		}
		for _, id := range ids {
			if !slices.Contains(made.Removed, id) {
				made.Removed = append(made.Removed, id)
			}
		}
	}
	if len(made.Files) == 0 {
		if s.id != "" {
			return nil, fmt.Errorf("%s: no secret of %q has this id: wampbox list shows them", open[0].Path, s.prefix)
		}
		return nil, fmt.Errorf("%s: the URIs below %q aren't scrambled", open[0].Path, s.prefix)
	}
	if s.id != "" {
		return []string{fmt.Sprintf("%s is out of %s%s", strings.Join(made.Removed, ", "), strings.Join(made.Files, ", "), next)}, nil
	}
	return []string{fmt.Sprintf("warning: routers see the URIs below %q again, and messages under scrambled ones are missed", s.prefix), refusedByWatchers}, nil
}

// takeOut takes out of one file what is to be, and gives the ids.
func (s *scrambling) takeOut(f opened, told keyring.Scrambled) (ids []string, err error) {
	for _, by := range told.Secrets {
		if s.id == "" || strings.HasPrefix(by.ID, s.id) {
			ids = append(ids, by.ID)
		}
	}
	switch {
	case s.id == "":
		return ids, f.Unscramble(s.prefix)
	case len(ids) == 0:
		return nil, keyring.ErrNoVersion
	case len(ids) > 1:
		return nil, fmt.Errorf("several secrets begin with %q: give more of the id", s.id)
	}
	return ids, f.RemoveScramble(s.prefix, ids[0])
}
