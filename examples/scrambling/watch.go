package main

import (
	"sync"

	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"
)

var _ router.Authorizer = (*watch)(nil)

// watch sits in the router, and notes each URI that the router gets.
type watch struct {
	mu   sync.Mutex
	uris map[wamp.MessageType][]string
}

func newWatch() *watch { return &watch{uris: map[wamp.MessageType][]string{}} }

// Authorize implements [router.Authorizer]: everything is allowed. Rules of a router that you run
// name scrambled URIs too.
func (w *watch) Authorize(_ *wamp.Session, message wamp.Message) (bool, error) {
	var uri wamp.URI
	switch m := message.(type) {
	case *wamp.Publish:
		uri = m.Topic
	case *wamp.Subscribe:
		uri = m.Topic
	case *wamp.Call:
		uri = m.Procedure
	case *wamp.Register:
		uri = m.Procedure
	case *wamp.Error:
		uri = m.Error
	default:
		return true, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.uris[message.MessageType()] = append(w.uris[message.MessageType()], string(uri))
	return true, nil
}

// last is the latest URI in a message of a type.
func (w *watch) last(of wamp.MessageType) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if all := w.uris[of]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// count tells how many messages of a type had a URI.
func (w *watch) count(of wamp.MessageType, uri string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, other := range w.uris[of] {
		if other == uri {
			n++
		}
	}
	return n
}
