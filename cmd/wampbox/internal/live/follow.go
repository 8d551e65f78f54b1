package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// follow keeps the ring of a subscription as the keyring file is, and says in a line what
// each change of that has changed.
func (env Env) follow(ctx context.Context, s *subscription) (*keywatch.Watcher, error) {
	s.keys.ring = keyring.New()
	return keywatch.Watch(ctx, s.keys.path, s.keys.ring, keywatch.LoadWith(s.keys.opts...),
		keywatch.OnChange(func(changes keyring.Changes) {
			env.note("%s loaded again: %s", s.keys.path, s.keys.said(changes))
		}),
		keywatch.OnError(func(err error) {
			fix := ""
			if errors.Is(err, keyring.ErrPlain) {
				fix = "; start sub again to take the file as it is"
			}
			env.note("the keys stay as they were: %v%s", err, fix)
		}))
}

// maxSaid bounds how many patterns, and ids of each, a line names.
const maxSaid = 4

// said tells what has changed, and which versions open now: their ids are those that a
// refusal names.
func (k *keys) said(c keyring.Changes) string {
	var parts []string
	for _, group := range []struct {
		what     string
		patterns []keyring.Pattern
	}{{"closed", c.Closed}, {"changed", c.Changed}, {"new", c.Opened}} {
		for _, p := range group.patterns[:min(len(group.patterns), maxSaid)] {
			parts = append(parts, group.what+" "+keyfile.Conceal(p.String())+k.opens(p))
		}
		if more := len(group.patterns) - maxSaid; more > 0 {
			parts = append(parts, fmt.Sprintf("%d more %s", more, group.what))
		}
	}
	if c.Unkeyed {
		parts = append(parts, "what becomes of URIs that no pattern matches")
	}
	return strings.Join(parts, ", ")
}

// opens says by which versions a pattern's payloads are opened, and of signed keys, whom the
// file hears.
func (k *keys) opens(p keyring.Pattern) string {
	var ids, hears []string
	signed := false
	for _, v := range k.ring.Versions(p) {
		if v.State == keyring.StateRevoked || v.State == keyring.StateExpired {
			continue
		}
		ids = append(ids, v.ID)
		signed = signed || v.Signed.Responds
		for _, sender := range v.Signed.Senders {
			hears = append(hears, sender.Name)
		}
	}
	if len(k.ring.Versions(p)) == 0 {
		return ""
	}
	says := "opens " + some(ids, "nothing")
	if signed {
		slices.Sort(hears)
		says += ", hears " + some(slices.Compact(hears), "nobody")
	}
	return " (" + says + ")"
}

// some gives the first few of a list.
func some(list []string, none string) string {
	switch more := len(list) - maxSaid; {
	case len(list) == 0:
		return none
	case more > 0:
		return fmt.Sprintf("%s and %d more", strings.Join(list[:maxSaid], ", "), more)
	}
	return strings.Join(list, ", ")
}

// checkHalf looks for patterns that a subscription takes in and of which the file has the
// half alone that seals events. It is an error if no others are left.
func (env Env) checkHalf(s *subscription) error {
	able, unable := keyring.New(), keyring.New()
	for p := range s.keys.ring.Patterns() {
		versions := s.keys.ring.Versions(p)
		ring := able
		if len(versions) > 0 && !slices.ContainsFunc(versions, reads) {
			ring = unable
		}
		_ = ring.SetPlain(p) // the ring that has it has found it good
	}
	none := keyring.Pattern{}
	_, unread, _ := unable.Overlap(s.pattern)
	_, read, _ := able.Overlap(s.pattern)
	name, use := s.keys.called(), "use the responder's file"
	if s.keys.service != nil {
		use = "have the operator grant it the responder's, or the reader's"
	}
	switch {
	case unread == none:
	case read == none && unread == s.pattern:
		return fmt.Errorf("%w: %s can open nothing of %v: it has the half of who publishes; %s", transparency.WrongRole, name, s.pattern, use)
	case read == none:
		return fmt.Errorf("%w: %s can open nothing of %v: of %v it has the half of who publishes; %s", transparency.WrongRole, name, s.pattern, unread, use)
	default:
		env.note("warning: %s can't open events of %v: of that it has the half of who publishes; %s for them", name, unread, use)
	}
	return nil
}

// reads tells whether a version may open events.
func reads(v keyring.VersionInfo) bool {
	switch v.Kind {
	case "originator", "revoked":
		return false
	case "signed":
		return v.Signed.Responds
	}
	return true
}
