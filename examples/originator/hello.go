package main

import (
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// publishHello publishes to both topics.
func publishHello(session *transparency.Session) error {
	for n := 1; n <= 3; n++ {
		text := fmt.Sprintf("Counter is at %d", n)
		if err := publish(session, "com.myapp.hello", text, false); err != nil {
			return err
		}
		if err := publish(session, "com.myapp.encrypted.hello", text, true); err != nil {
			return err
		}
	}
	return nil
}

// publish returns when the router has acknowledged the event. Nothing tells of
// a single one how it went out; that the session's count of sealed messages
// rose does.
func publish(session *transparency.Session, topic, text string, encrypted bool) error {
	sealed := session.Stats().Sealed
	if err := session.Publish(topic, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{text}, nil); err != nil {
		return explain("publish", topic, err)
	}
	if rose := session.Stats().Sealed > sealed; rose != encrypted {
		return explain("publish", topic, errors.New("it went out "+way(rose)))
	}
	fmt.Printf("publish %s %q: acknowledged (%s)\n", topic, text, way(encrypted))
	return nil
}
