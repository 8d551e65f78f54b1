package parity_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const topic = "com.parity.topic"

// acknowledged returns options that ask for PUBLISHED.
func acknowledged(others ...any) wamp.Dict {
	options := wamp.Dict{wamp.OptAcknowledge: true}
	for i := 0; i < len(others); i += 2 {
		options[others[i].(string)] = others[i+1]
	}
	return options
}

// upTo returns the first arguments of events until one says "last".
func upTo(w *world, events <-chan *wamp.Event) []string {
	w.Helper()
	var got []string
	for {
		event := receive(w, events)
		require.NotEmpty(w, event.Arguments)
		if text(event.Arguments[0]) == "last" {
			return got
		}
		got = append(got, text(event.Arguments[0]))
	}
}

func TestPublishAndSubscribe(t *testing.T) {
	want := outcome{
		"plain":           "[hello] map[] map[]",
		"acknowledged":    "[hello] map[key:value] map[]",
		"not subscribed":  "no error",
		"subscription id": true,
	}
	both(t, everywhere, want, func(w *world) {
		subscriber, publisher := w.connect(), w.connect()
		got := w.events(subscriber, topic, nil)
		id, ok := subscriber.SubscriptionID(topic)
		require.True(w, ok)
		require.NoError(w, publisher.Publish(topic, nil, wamp.List{"hello"}, nil))
		event := receive(w, got)
		w.note("plain", fmt.Sprint(event.Arguments, event.ArgumentsKw, event.Details))
		w.note("subscription id", event.Subscription == id)
		require.NotZero(w, event.Publication)
		require.NoError(w, publisher.Publish(topic, acknowledged(), wamp.List{"hello"}, wamp.Dict{"key": "value"}))
		event = receive(w, got)
		w.note("acknowledged", fmt.Sprint(event.Arguments, event.ArgumentsKw, event.Details))
		w.noteError("not subscribed", publisher.Publish("com.parity.nobody", acknowledged(), nil, nil))
	})
}

// TestWhoGetsAnEvent: all options of PUBLISH that choose among subscribers.
func TestWhoGetsAnEvent(t *testing.T) {
	everybody := "zcorp other publisher"
	want := outcome{}
	all := map[string]func(zcorp, other transparency.Client) (options wamp.Dict, to string){}
	add := func(name string, get func(zcorp, other transparency.Client) (wamp.Dict, string)) { all[name] = get }
	add("nil", func(transparency.Client, transparency.Client) (wamp.Dict, string) { return nil, "zcorp other" })
	add("exclude_me", func(transparency.Client, transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{wamp.OptExcludeMe: true}, "zcorp other"
	})
	add("not exclude_me", func(transparency.Client, transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{wamp.OptExcludeMe: false}, everybody
	})
	add("exclude", func(zcorp, _ transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{wamp.OptExcludeMe: false, "exclude": wamp.List{zcorp.ID()}}, "other publisher"
	})
	add("eligible", func(zcorp, _ transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{wamp.OptExcludeMe: false, "eligible": wamp.List{zcorp.ID()}}, "zcorp"
	})
	add("exclude_authid", func(_, other transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{"exclude_authid": wamp.List{other.RealmDetails()["authid"]}}, "zcorp"
	})
	add("eligible_authid", func(_, other transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{"eligible_authid": wamp.List{other.RealmDetails()["authid"]}}, "other"
	})
	add("exclude_authrole", func(transparency.Client, transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{"exclude_authrole": wamp.List{"anonymous"}}, ""
	})
	add("eligible_authrole", func(transparency.Client, transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{"eligible_authrole": wamp.List{"anonymous", "nobody"}}, "zcorp other"
	})
	add("eligible attribute", func(transparency.Client, transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{"eligible_org_id": wamp.List{"zcorp", "goodguys"}}, "zcorp"
	})
	add("eligible, the other", func(transparency.Client, transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{"eligible_org_id": wamp.List{"other"}}, "other"
	})
	add("eligible, both", func(transparency.Client, transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{"eligible_org_id": wamp.List{"zcorp", "other"}}, "zcorp other"
	})
	add("exclude attribute", func(transparency.Client, transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{"exclude_org_id": wamp.List{"other", "badguys"}}, "zcorp"
	})
	add("exclude and eligible", func(zcorp, _ transparency.Client) (wamp.Dict, string) {
		return wamp.Dict{"exclude": wamp.List{zcorp.ID()}, "eligible_org_id": wamp.List{"zcorp", "other"}}, "other"
	})
	for name, get := range all {
		_, want[name] = get(nobody{}, nobody{})
	}
	both(t, everywhere, want, func(w *world) {
		zcorp := w.connect(hello(wamp.Dict{"org_id": "zcorp"}))
		other := w.connect(hello(wamp.Dict{"org_id": "other"}))
		publisher := w.connect()
		who := []string{"zcorp", "other", "publisher"}
		var got []<-chan *wamp.Event
		for _, c := range []transparency.Client{zcorp, other, publisher} {
			got = append(got, w.events(c, topic, nil))
		}
		for name, get := range all {
			options, _ := get(zcorp, other)
			require.NoError(w, publisher.Publish(topic, options, wamp.List{name}, nil))
			require.NoError(w, publisher.Publish(topic, acknowledged(wamp.OptExcludeMe, false), wamp.List{"last"}, nil))
			to := ""
			for i, events := range got {
				for range upTo(w, events) {
					if to != "" {
						to += " "
					}
					to += who[i]
				}
			}
			w.note(name, to)
		}
	})
}

// nobody is a client with an id and an authid alone.
type nobody struct{ transparency.Client }

func (nobody) ID() wamp.ID             { return 1 }
func (nobody) RealmDetails() wamp.Dict { return wamp.Dict{"authid": "nobody"} }

// TestDisclosePublisher: disclose_me has the router say who published, if it may.
func TestDisclosePublisher(t *testing.T) {
	both(t, everywhere, outcome{"asked": true, "not asked": false}, func(w *world) {
		subscriber, publisher := w.connect(), w.connect()
		got := w.events(subscriber, topic, nil)
		for name, options := range map[string]wamp.Dict{"asked": {wamp.OptDiscloseMe: true}, "not asked": nil} {
			require.NoError(w, publisher.Publish(topic, options, nil, nil))
			id, has := receive(w, got).Details["publisher"]
			w.note(name, has && number(id) == int64(publisher.ID()))
		}
	})
}

func TestPublishIsRefused(t *testing.T) {
	want := outcome{
		"bad topic":                   "error wamp.error.invalid_uri",
		"bad topic, not acknowledged": "no error",
		"disclose":                    "error wamp.error.option_disallowed.disclose_me",
		"disclose, not acknowledged":  "no error",
		"delivered":                   []string(nil),
	}
	both(t, everywhere, want, func(w *world) {
		c, subscriber := w.connect(), w.connect()
		got := w.events(subscriber, topic, nil)
		const bad = ".bad uri bad."
		w.noteError("bad topic", c.Publish(bad, acknowledged(), wamp.List{"x"}, nil))
		w.noteError("bad topic, not acknowledged", c.Publish(bad, nil, wamp.List{"x"}, nil))
		w.noteError("disclose", c.Publish(topic, acknowledged(wamp.OptDiscloseMe, true), wamp.List{"x"}, nil))
		w.noteError("disclose, not acknowledged", c.Publish(topic, wamp.Dict{wamp.OptDiscloseMe: true}, wamp.List{"x"}, nil))
		require.NoError(w, c.Publish(topic, nil, wamp.List{"last"}, nil))
		w.note("delivered", upTo(w, got))
	}, strict, func(cfg *router.RealmConfig) { cfg.AllowDisclose = false })
}

// strict has the router refuse URIs that aren't of lower case letters, digits and
// underscores.
func strict(cfg *router.RealmConfig) { cfg.StrictURI = true }

// TestMatch: what each kind of subscription gets, and that a pattern's events name
// their topic, in the same type from both clients.
func TestMatch(t *testing.T) {
	for name, c := range map[string]struct {
		topic   string
		options wamp.Dict
		got     []string
	}{
		"nil":      {"com.parity", nil, []string{"com.parity"}},
		"exact":    {"com.parity", wamp.Dict{wamp.OptMatch: wamp.MatchExact}, []string{"com.parity"}},
		"prefix":   {"com.parity", wamp.Dict{wamp.OptMatch: wamp.MatchPrefix}, []string{"com.parity", "com.parity.a", "com.parity.a.x"}},
		"wildcard": {"com..a", wamp.Dict{wamp.OptMatch: wamp.MatchWildcard}, []string{"com.parity.a", "com.other.a"}},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, everywhere, nil, func(w *world) {
				subscriber, publisher := w.connect(), w.connect()
				got := w.events(subscriber, c.topic, c.options)
				_, ok := subscriber.SubscriptionID(c.topic)
				require.True(w, ok)
				for _, topic := range []string{"com.parity", "com.parity.a", "com.parity.a.x", "com.other.a", "org.other"} {
					require.NoError(w, publisher.Publish(topic, nil, wamp.List{topic}, nil))
				}
				for _, topic := range c.got {
					event := receive(w, got)
					require.Equal(w, topic, text(event.Arguments[0]))
					named, has := event.Details["topic"]
					require.Equal(w, c.options != nil && name != "exact", has)
					if has {
						uri, _ := wamp.AsURI(named)
						require.Equal(w, wamp.URI(topic), uri)
					}
					w.note("details of "+topic, event.Details)
				}
				require.NoError(w, subscriber.Unsubscribe(c.topic))
				require.NoError(w, publisher.Publish(c.got[0], acknowledged(), wamp.List{"x"}, nil))
				w.settle(subscriber)
				require.Empty(w, got)
			})
		})
	}
}

func TestSubscribeIsRefused(t *testing.T) {
	want := outcome{"bad topic": "error wamp.error.invalid_uri", "known": false, "pattern": "no error", "goes on": "no error"}
	both(t, everywhere, want, func(w *world) {
		c := w.connect()
		none := func(*wamp.Event) {}
		w.noteError("bad topic", c.Subscribe("com..topic", none, nil))
		_, known := c.SubscriptionID("com..topic")
		w.note("known", known)
		w.noteError("pattern", c.Subscribe("com..topic", none, wamp.Dict{wamp.OptMatch: wamp.MatchWildcard}))
		w.noteError("goes on", c.Subscribe(topic, none, nil))
	}, strict)
}

func TestUnsubscribe(t *testing.T) {
	want := outcome{
		"never subscribed":    "ErrNotSubscribed",
		"another's":           "ErrNotSubscribed",
		"subscribed":          "no error",
		"twice":               "ErrNotSubscribed",
		"known":               false,
		"events after":        []string(nil),
		"subscribed again":    "no error",
		"events of the again": []string{"again"},
	}
	both(t, everywhere, want, func(w *world) {
		c, another := w.connect(), w.connect()
		w.events(another, "com.parity.another", nil)
		w.noteError("never subscribed", c.Unsubscribe(topic))
		w.noteError("another's", c.Unsubscribe("com.parity.another"))
		old, marks := w.events(c, topic, nil), w.events(c, "com.parity.mark", nil)
		w.noteError("subscribed", c.Unsubscribe(topic))
		_, known := c.SubscriptionID(topic)
		w.note("known", known)
		w.noteError("twice", c.Unsubscribe(topic))
		require.NoError(w, another.Publish(topic, nil, wamp.List{"gone"}, nil))
		require.NoError(w, another.Publish("com.parity.mark", nil, wamp.List{"last"}, nil))
		w.note("events after", upTo(w, marks))
		require.Empty(w, old)
		anew := make(chan *wamp.Event, 8)
		w.noteError("subscribed again", c.Subscribe(topic, func(event *wamp.Event) { anew <- event }, nil))
		require.NoError(w, another.Publish(topic, nil, wamp.List{"again"}, nil))
		require.NoError(w, another.Publish(topic, nil, wamp.List{"last"}, nil))
		w.note("events of the again", upTo(w, anew))
		require.Empty(w, old)
	})
}

// TestSubscribeTwice: the later handler of a topic takes the place of the earlier, and
// one Unsubscribe ends both.
func TestSubscribeTwice(t *testing.T) {
	want := outcome{"second": []string{"x"}, "same id": true, "first unsubscribe": "no error", "second unsubscribe": "ErrNotSubscribed"}
	both(t, everywhere, want, func(w *world) {
		c, publisher := w.connect(), w.connect()
		first := w.events(c, topic, nil)
		before, _ := c.SubscriptionID(topic)
		second := w.events(c, topic, nil)
		after, _ := c.SubscriptionID(topic)
		w.note("same id", before == after)
		require.NoError(w, publisher.Publish(topic, nil, wamp.List{"x"}, nil))
		require.NoError(w, publisher.Publish(topic, nil, wamp.List{"last"}, nil))
		w.note("second", upTo(w, second))
		require.Empty(w, first)
		w.noteError("first unsubscribe", c.Unsubscribe(topic))
		w.noteError("second unsubscribe", c.Unsubscribe(topic))
	})
}

// TestSubscribeOneTextTwoWays: one text as a topic and as a prefix are two
// subscriptions. Unsubscribe and SubscriptionID know the later only.
func TestSubscribeOneTextTwoWays(t *testing.T) {
	want := outcome{"exact": []string{"a"}, "prefix": []string{"b"}, "ids differ": true, "unsubscribe": "no error", "again": "ErrNotSubscribed", "exact goes on": []string{"c"}}
	both(t, everywhere, want, func(w *world) {
		c, publisher := w.connect(), w.connect()
		exact := w.events(c, "com.parity", nil)
		before, _ := c.SubscriptionID("com.parity")
		prefix := w.events(c, "com.parity", wamp.Dict{wamp.OptMatch: wamp.MatchPrefix})
		after, _ := c.SubscriptionID("com.parity")
		w.note("ids differ", before != after)
		// No publication that both get: nexus's router then races with itself.
		require.NoError(w, publisher.Publish("com.parity.b", nil, wamp.List{"b"}, nil))
		require.NoError(w, publisher.Publish("com.parity.b", nil, wamp.List{"last"}, nil))
		w.note("prefix", upTo(w, prefix))
		w.noteError("unsubscribe", c.Unsubscribe("com.parity"))
		w.noteError("again", c.Unsubscribe("com.parity"))
		require.NoError(w, publisher.Publish("com.parity", nil, wamp.List{"a"}, nil))
		require.NoError(w, publisher.Publish("com.parity", nil, wamp.List{"last"}, nil))
		w.note("exact", upTo(w, exact))
		require.NoError(w, publisher.Publish("com.parity", nil, wamp.List{"c"}, nil))
		require.NoError(w, publisher.Publish("com.parity", nil, wamp.List{"last"}, nil))
		w.note("exact goes on", upTo(w, exact))
		require.Empty(w, prefix)
	})
}

// TestOverlappingSubscriptions: each handler gets the event, under its own
// subscription.
func TestOverlappingSubscriptions(t *testing.T) {
	both(t, []link{local}, outcome{"exact": true, "prefix": true, "wildcard": true}, func(w *world) {
		c, publisher := w.connect(), w.connect()
		got := map[string]<-chan *wamp.Event{
			"exact":    w.events(c, topic, nil),
			"prefix":   w.events(c, "com.", wamp.Dict{wamp.OptMatch: wamp.MatchPrefix}),
			"wildcard": w.events(c, "com..topic", wamp.Dict{wamp.OptMatch: wamp.MatchWildcard}),
		}
		require.NoError(w, publisher.Publish(topic, nil, wamp.List{"x"}, nil))
		for name, pattern := range map[string]string{"exact": topic, "prefix": "com.", "wildcard": "com..topic"} {
			id, ok := c.SubscriptionID(pattern)
			require.True(w, ok)
			w.note(name, receive(w, got[name]).Subscription == id)
		}
	})
}

// TestSubscribeBurst subscribes to one topic after the other, and from several
// goroutines.
func TestSubscribeBurst(t *testing.T) {
	both(t, everywhere, outcome{"unsubscribed": 20}, func(w *world) {
		c := w.connect()
		none := func(*wamp.Event) {}
		errs := make(chan error, 20)
		for i := range 10 {
			require.NoError(w, c.Subscribe(fmt.Sprint(topic, i), none, nil))
			go func() { errs <- c.Subscribe(fmt.Sprint(topic, 10+i), none, nil) }()
		}
		for range 10 {
			require.NoError(w, receive(w, errs))
		}
		for i := range 20 {
			go func() { errs <- c.Unsubscribe(fmt.Sprint(topic, i)) }()
		}
		n := 0
		for range 20 {
			require.NoError(w, receive(w, errs))
			n++
		}
		w.note("unsubscribed", n)
	})
}

func TestSubscribeChan(t *testing.T) {
	want := outcome{"got": "[x]", "subscribed": true, "unsubscribe": "no error", "bad topic": "error wamp.error.invalid_uri"}
	both(t, everywhere, want, func(w *world) {
		c, publisher := w.connect(), w.connect()
		events := make(chan *wamp.Event)
		require.NoError(w, c.SubscribeChan(topic, events, nil))
		_, ok := c.SubscriptionID(topic)
		w.note("subscribed", ok)
		require.NoError(w, publisher.Publish(topic, nil, wamp.List{"x"}, nil))
		w.note("got", fmt.Sprint(receive(w, events).Arguments))
		w.noteError("bad topic", c.SubscribeChan("com..topic", events, nil))
		w.noteError("unsubscribe", c.Unsubscribe(topic))
	}, strict)
}

// TestEventsInOrder: events of a session come in order, one at a time, whatever the
// subscription.
func TestEventsInOrder(t *testing.T) {
	both(t, everywhere, outcome{"in order": true, "at once": int32(1)}, func(w *world) {
		const n = 40 // nexus's router drops what exceeds its queue of 64
		c, publisher := w.connect(), w.connect()
		var running, most atomic.Int32
		got := make(chan int64, n)
		handle := func(event *wamp.Event) {
			if now := running.Add(1); now > most.Load() {
				most.Store(now)
			}
			got <- number(event.Arguments[0])
			running.Add(-1)
		}
		require.NoError(w, c.Subscribe(topic, handle, nil))
		require.NoError(w, c.Subscribe("com.parity.other", handle, nil))
		for i := range n {
			require.NoError(w, publisher.Publish([]string{topic, "com.parity.other"}[i%2], nil, wamp.List{i}, nil))
		}
		inOrder := true
		for i := range n {
			inOrder = inOrder && receive(w, got) == int64(i)
		}
		w.note("in order", inOrder)
		w.note("at once", most.Load())
	})
}

// TestPublishFromAnEventHandler: what waits for no reply may be sent from there.
func TestPublishFromAnEventHandler(t *testing.T) {
	both(t, everywhere, outcome{"publishing": "no error", "got": "[from the handler]"}, func(w *world) {
		c, another := w.connect(), w.connect()
		got := w.events(another, "com.parity.second", nil)
		published := make(chan error, 1)
		require.NoError(w, c.Subscribe(topic, func(*wamp.Event) {
			published <- c.Publish("com.parity.second", nil, wamp.List{"from the handler"}, nil)
		}, nil))
		require.NoError(w, another.Publish(topic, nil, nil, nil))
		w.noteError("publishing", receive(w, published))
		w.note("got", fmt.Sprint(receive(w, got).Arguments))
	})
}

// TestEventsAreTheHandlersOwn: what a handler does to an event, no other subscriber
// sees, in the same process too.
func TestEventsAreTheHandlersOwn(t *testing.T) {
	both(t, everywhere, outcome{"0": "[hello] map[key:value] map[]", "1": "[hello] map[key:value] map[]"}, func(w *world) {
		publisher := w.connect()
		var done [2]chan string
		turn := make(chan struct{}, 1)
		for i := range done {
			done[i] = make(chan string, 1)
			require.NoError(w, w.connect().Subscribe(topic, func(event *wamp.Event) {
				turn <- struct{}{}
				defer func() { <-turn }()
				saw := fmt.Sprint(event.Arguments, event.ArgumentsKw, event.Details)
				event.Details["changed"] = true
				event.Arguments[0] = "changed"
				event.ArgumentsKw["key"] = "changed"
				done[i] <- saw
			}, nil))
		}
		args, kwargs := wamp.List{"hello"}, wamp.Dict{"key": "value"}
		require.NoError(w, publisher.Publish(topic, nil, args, kwargs))
		for i, c := range done {
			w.note(fmt.Sprint(i), receive(w, c))
		}
		require.Equal(w, wamp.List{"hello"}, args)
		require.Equal(w, wamp.Dict{"key": "value"}, kwargs)
	})
}

// leaky is an authorizer that writes into the options of SUBSCRIBE.
type leaky struct{}

func (leaky) Authorize(_ *wamp.Session, msg wamp.Message) (bool, error) {
	if m, ok := msg.(*wamp.Subscribe); ok {
		if _, leaked := m.Options["leaked"]; leaked {
			return false, nil
		}
		m.Options["leaked"] = true
	}
	return true, nil
}

// TestNilOptionsAreNotShared: two subscriptions without options don't share a map that
// a router in the process could write into.
func TestNilOptionsAreNotShared(t *testing.T) {
	both(t, everywhere, outcome{"first": "no error", "second": "no error", "another client's": "no error"}, func(w *world) {
		c := w.connect()
		w.noteError("first", c.Subscribe(topic, func(*wamp.Event) {}, nil))
		w.noteError("second", c.Subscribe("com.parity.second", func(*wamp.Event) {}, nil))
		w.noteError("another client's", w.connect().Subscribe(topic, func(*wamp.Event) {}, nil))
	}, func(cfg *router.RealmConfig) {
		cfg.Authorizer = leaky{}
		cfg.RequireLocalAuthz = true
	})
}

// TestMapsAreLeftAlone: the maps and lists that these methods are given stay as they
// are, over a network. See the differences for those of calls.
func TestMapsAreLeftAlone(t *testing.T) {
	both(t, networks, outcome{"publish": "map[acknowledge:true] [a map[b:c]] map[k:v]", "subscribe": "map[match:prefix]", "register": "map[invoke:single]"}, func(w *world) {
		c := w.connect()
		options, args, kwargs := acknowledged(), wamp.List{"a", wamp.Dict{"b": "c"}}, wamp.Dict{"k": "v"}
		require.NoError(w, c.Publish(topic, options, args, kwargs))
		w.note("publish", fmt.Sprint(options, args, kwargs))
		options = wamp.Dict{wamp.OptMatch: wamp.MatchPrefix}
		require.NoError(w, c.Subscribe(topic, func(*wamp.Event) {}, options))
		w.note("subscribe", fmt.Sprint(options))
		options = wamp.Dict{wamp.OptInvoke: wamp.InvokeSingle}
		require.NoError(w, c.Register(procedure, sum, options))
		w.note("register", fmt.Sprint(options))
	})
}
