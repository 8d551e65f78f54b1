package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// scrambles finds out how routers see the URI, if it lies below a scrambled prefix.
func (f *explainFile) scrambles(ring *keyring.Ring, realm, uri string) {
	p := keyring.Exact(uri)
	if f.hidden = scrambledAround(ring, p); f.hidden == nil {
		return
	}
	f.Scrambled = fmt.Sprintf("below %q", f.hidden.Prefix)
	if realm == "" {
		f.Scrambled += ": -realm tells how its routers see it"
	}
	if f.entry == nil {
		return
	}
	forms, err := routerForms(ring, realm, p)
	if err == nil {
		_, err = ring.Forms(realm).Send(uri)
	}
	if err != nil {
		f.err, f.Sends, f.SealsWith = err, "fails: "+cause(err), ""
		return
	}
	if realm == "" {
		return
	}
	f.Router = forms
	var seen []string
	for i, form := range forms {
		how := "taken"
		if i == 0 {
			how = "sent and taken"
		}
		text := fmt.Sprintf("%s as %s", how, form.Router)
		if form.Secret != "" {
			text += " (secret " + form.Secret + ")"
		}
		if form.NotAfter != nil {
			text += " until " + shown(*form.NotAfter, "")
		}
		seen = append(seen, text)
	}
	f.Scrambled += ": " + strings.Join(seen, "; ")
}

// unseen tells what fails of what this file sends to another one, as that doesn't ask routers
// for it in the form in which it is sent.
func (f *explainFile) unseen(other explainFile) string {
	_, err := other.entry.Dialects(keyring.RoleResponder)
	if f.SealsWith == "" && !f.entry.SendsPlain() || err != nil && !other.entry.Plain() {
		return "" // one of the two doesn't do so
	}
	id := f.sendsUnder()
	switch {
	case id == "" && (other.hidden == nil || other.hidden.ClearUntil.After(time.Now())):
		return ""
	case id == "":
		return fmt.Sprintf("%s sends the URI as it is, and %s takes it scrambled alone", f.File, other.File)
	case other.hidden == nil:
		return fmt.Sprintf("%s sends the URI scrambled, and %s takes it as it is", f.File, other.File)
	case f.hidden.Prefix != other.hidden.Prefix, !slices.ContainsFunc(other.hidden.Secrets, func(by keyring.ScrambledBy) bool {
		return by.ID == id && by.State != keyring.StateExpired
	}):
		return fmt.Sprintf("%s sends the URI scrambled under %s, which %s doesn't take: all parties need the secret", f.File, id, other.File)
	}
	return ""
}

// sendsUnder gives the id of the secret that the URI is sent under now, "" in clear.
func (f *explainFile) sendsUnder() string {
	if f.hidden == nil {
		return ""
	}
	for _, by := range f.hidden.Secrets {
		if by.State == keyring.StateActive {
			return by.ID
		}
	}
	return ""
}
