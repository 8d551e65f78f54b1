package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"
)

// showing is asked by the router for each event, and prints what there is to be seen of it.
// The router's own events, of wamp., are left out.
func showing(w io.Writer) router.FilterFactory {
	var mu sync.Mutex
	return func(event *wamp.Publish) router.PublishFilter {
		if strings.HasPrefix(string(event.Topic), "wamp.") {
			return router.NewSimplePublishFilter(event)
		}
		// Bytes come as base64.
		seen, err := json.Marshal(struct {
			Args   wamp.List `json:"args"`
			Kwargs wamp.Dict `json:"kwargs"`
		}{event.Arguments, event.ArgumentsKw})
		if err != nil {
			seen = []byte("something that JSON doesn't have")
		}
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(w, "event %q %s\n", event.Topic, seen)
		return router.NewSimplePublishFilter(event)
	}
}
