package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// find finds the key for the URI: one that a router shows is scrambled, under one of the secrets
// that are taken in the realm.
func (o *opener) find(ring *keyring.Ring, realm string) (err error) {
	prefix, hidden := ring.Hides(o.uri)
	if !hidden || !mayBeScrambled(strings.Split(strings.TrimPrefix(o.uri, prefix), ".")) {
		o.entry, err = keyed(ring, o.uri)
		return err
	}
	if realm == "" {
		return fmt.Errorf("%q is scrambled, as routers see it: give -realm, or the real one by -uri", o.uri)
	}
	if o.forms, _, err = ring.Forms(realm).Receive(keyring.Prefix(prefix)); err != nil {
		return err
	}
	o.forms = slices.DeleteFunc(o.forms, (*keyring.Form).IsClear)
	for _, f := range o.forms {
		entry, failed := f.Lookup(o.uri)
		// What fixes more components can't be found under another secret by chance.
		if failed == nil && (o.entry == nil || len(entry.Pattern().URI) > len(o.entry.Pattern().URI)) {
			o.entry = entry
		}
		err = failed
	}
	if o.entry != nil {
		return nil
	}
	return err
}

// means tells whether a record's URI is the one that the message has, scrambled too.
func (o opener) means(uri string) bool {
	return uri == o.uri || slices.ContainsFunc(o.forms, func(f *keyring.Form) bool { return f.URI(uri) == o.uri })
}
