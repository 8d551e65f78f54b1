package main

import (
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// subscribeToEvents prints the events of a plain and an encrypted topic. What
// comes to the encrypted one in plain, or can't be opened, never gets here.
func subscribeToEvents(session *transparency.Session) error {
	for _, topic := range []string{"com.myapp.hello", "com.myapp.encrypted.hello"} {
		if err := session.Subscribe(topic, printEvent(topic), nil); err != nil {
			return err
		}
	}
	return nil
}

func printEvent(topic string) func(*wamp.Event) {
	return func(event *wamp.Event) {
		text, ok := theText(event.Arguments)
		if !ok {
			output.Printf("event %s: not a text (%s)", topic, way(event.Details))
			return
		}
		// Quoted: anyone can publish to a plain topic, and terminals obey
		// what they are sent.
		output.Printf("event %s: %.200q (%s)", topic, text, way(event.Details))
	}
}

func theText(args wamp.List) (string, bool) {
	if len(args) != 1 {
		return "", false
	}
	text, ok := args[0].(string)
	return text, ok
}
