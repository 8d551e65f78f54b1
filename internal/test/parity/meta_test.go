package parity_test

import (
	"fmt"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// The router's meta API is used by calls and events like any other; its dicts and ids
// have to come through.

// meta calls a meta procedure.
func meta(w *world, c transparency.Client, procedure wamp.URI, args ...any) (wamp.List, error) {
	w.Helper()
	result, err := c.Call(w.soon(), string(procedure), nil, args, nil, nil)
	if err != nil {
		return nil, err
	}
	return result.Arguments, nil
}

// about notes which of these ids a meta event is about, and in which order.
func about(w *world, event *wamp.Event, ids map[string]wamp.ID) string {
	w.Helper()
	s := ""
	for _, arg := range event.Arguments {
		id, isID := wamp.AsID(arg)
		if dict, isDict := wamp.AsDict(arg); isDict {
			id, isID = wamp.AsID(dict["id"])
			require.NotEmpty(w, text(dict["created"]))
			s += text(dict["uri"]) + "="
		}
		for name, known := range ids {
			if isID && id == known {
				s += name + " "
			}
		}
	}
	return s
}

func TestMetaSessions(t *testing.T) {
	want := outcome{
		"joined": true, "left": true, "left has authid": true, "left has role": "anonymous",
		"count": "2 3 2", "listed": "true false", "get": true,
		"get after": "RPCError wamp.error.no_such_session of wamp.session.get to CALL",
	}
	both(t, everywhere, want, func(w *world) {
		watcher := w.connect()
		require.True(w, watcher.HasFeature(wamp.RoleBroker, wamp.FeatureSessionMetaAPI))
		require.True(w, watcher.HasFeature(wamp.RoleDealer, wamp.FeatureSessionMetaAPI))
		caller := w.connect()
		joins, leaves := make(chan *wamp.Event, 8), make(chan *wamp.Event, 8)
		require.NoError(w, watcher.SubscribeChan(string(wamp.MetaEventSessionOnJoin), joins, nil))
		require.NoError(w, watcher.SubscribeChan(string(wamp.MetaEventSessionOnLeave), leaves, nil))
		count := func() int64 {
			args, err := meta(w, caller, wamp.MetaProcSessionCount)
			require.NoError(w, err)
			return number(args[0])
		}
		first := count()
		c := w.connect()
		id := c.ID()
		for joined := int64(0); joined != int64(id); { // the caller's may come first
			details, _ := wamp.AsDict(receive(w, joins).Arguments[0])
			joined = number(details["session"])
		}
		w.note("joined", true)
		second := count()
		listed := func() bool {
			args, err := meta(w, caller, wamp.MetaProcSessionList)
			require.NoError(w, err)
			list, _ := wamp.AsList(args[0])
			found := false
			for _, v := range list {
				found = found || number(v) == int64(id)
			}
			return found
		}
		before := listed()
		args, err := meta(w, caller, wamp.MetaProcSessionGet, id)
		require.NoError(w, err)
		got, _ := wamp.AsDict(args[0])
		complete := number(got["session"]) == int64(id)
		for _, name := range []string{"authid", "authrole", "authmethod", "authprovider"} {
			_, has := got[name]
			complete = complete && has
		}
		w.note("get", complete)
		authid := text(c.RealmDetails()["authid"])
		require.NoError(w, c.Close())
		left := receive(w, leaves)
		require.Len(w, left.Arguments, 3)
		w.note("left", number(left.Arguments[0]) == int64(id))
		w.note("left has authid", text(left.Arguments[1]) == authid)
		w.note("left has role", text(left.Arguments[2]))
		w.note("count", fmt.Sprint(first, second, count()))
		w.note("listed", fmt.Sprint(before, listed()))
		_, err = meta(w, caller, wamp.MetaProcSessionGet, id)
		w.noteError("get after", err)
	})
}

func TestModifyDetails(t *testing.T) {
	both(t, everywhere, outcome{"pi": 3.14, "authid": "bob"}, func(w *world) {
		c := w.connect()
		_, err := meta(w, c, wamp.MetaProcSessionModifyDetails, c.ID(), wamp.Dict{"pi": 3.14, "authid": "bob"})
		require.NoError(w, err)
		args, err := meta(w, c, wamp.MetaProcSessionGet, c.ID())
		require.NoError(w, err)
		details, _ := wamp.AsDict(args[0])
		pi, _ := wamp.AsFloat64(details["pi"])
		w.note("pi", pi)
		w.note("authid", text(details["authid"]))
	})
}

func TestMetaSubscriptions(t *testing.T) {
	want := outcome{
		"of its own":   0,
		"on_create":    "session com.parity.topic=subscription ",
		"on_subscribe": "session subscription ", "on_unsubscribe": "session subscription ", "on_delete": "session subscription ",
		"get": "wildcard com..topic", "get after": "RPCError wamp.error.no_such_subscription of wamp.subscription.get to CALL",
	}
	both(t, everywhere, want, func(w *world) {
		watcher, c := w.connect(), w.connect()
		require.True(w, watcher.HasFeature(wamp.RoleBroker, wamp.FeatureSubMetaAPI))
		got := map[string]<-chan *wamp.Event{}
		for _, name := range []string{"on_create", "on_subscribe", "on_unsubscribe", "on_delete"} {
			got[name] = w.events(watcher, "wamp.subscription."+name, nil)
		}
		w.settle(watcher)
		n := 0
		for _, events := range got {
			n += len(events)
		}
		w.note("of its own", n)
		w.events(c, topic, nil)
		id, _ := c.SubscriptionID(topic)
		require.NoError(w, c.Unsubscribe(topic))
		for name, events := range got {
			w.note(name, about(w, receive(w, events), map[string]wamp.ID{"session": c.ID(), "subscription": id}))
		}
		w.events(c, "com..topic", wamp.Dict{wamp.OptMatch: wamp.MatchWildcard})
		id, _ = c.SubscriptionID("com..topic")
		args, err := meta(w, watcher, wamp.MetaProcSubGet, id)
		require.NoError(w, err)
		details, _ := wamp.AsDict(args[0])
		require.EqualValues(w, id, number(details["id"]))
		w.note("get", text(details["match"])+" "+text(details["uri"]))
		require.NoError(w, c.Unsubscribe("com..topic"))
		_, err = meta(w, watcher, wamp.MetaProcSubGet, id)
		w.noteError("get after", err)
	})
}

func TestMetaRegistrations(t *testing.T) {
	want := outcome{
		"on_create":   "session com.parity.procedure=registration ",
		"on_register": "session registration ", "on_unregister": "session registration ", "on_delete": "session registration ",
	}
	both(t, everywhere, want, func(w *world) {
		watcher, c := w.connect(), w.connect()
		require.True(w, watcher.HasFeature(wamp.RoleDealer, wamp.FeatureRegMetaAPI))
		got := map[string]<-chan *wamp.Event{}
		for _, name := range []string{"on_create", "on_register", "on_unregister", "on_delete"} {
			got[name] = w.events(watcher, "wamp.registration."+name, nil)
		}
		w.register(c, procedure, sum, nil)
		id, _ := c.RegistrationID(procedure)
		require.NoError(w, c.Unregister(procedure))
		for name, events := range got {
			w.note(name, about(w, receive(w, events), map[string]wamp.ID{"session": c.ID(), "registration": id}))
		}
	})
}

// TestTestament: the router publishes it when the session ends, unless it is flushed.
func TestTestament(t *testing.T) {
	want := outcome{"left": []string{"foo"}, "killed": []string{"foo"}, "flushed": []string(nil), "nothing else": "map[]"}
	both(t, everywhere, want, func(w *world) {
		watcher, marker := w.connect(), w.connect()
		require.True(w, watcher.HasFeature(wamp.RoleDealer, wamp.FeatureTestamentMetaAPI))
		got := w.events(watcher, topic, nil)
		leaves := w.events(watcher, string(wamp.MetaEventSessionOnLeave), nil)
		for name, end := range map[string]func(c transparency.Client){
			"left":   func(c transparency.Client) { require.NoError(w, c.Close()) },
			"killed": func(c transparency.Client) { require.NoError(w, kill(w, marker, c.ID(), nil)) },
			"flushed": func(c transparency.Client) {
				_, err := meta(w, c, wamp.MetaProcSessionFlushTestaments)
				require.NoError(w, err)
				require.NoError(w, c.Close())
			},
		} {
			c := w.connect()
			_, err := meta(w, c, wamp.MetaProcSessionAddTestament, topic, wamp.List{"foo"}, wamp.Dict{})
			require.NoError(w, err)
			end(c)
			receive(w, leaves) // comes behind the testament
			require.NoError(w, marker.Publish(topic, nil, wamp.List{"last"}, nil))
			w.note(name, upTo(w, got))
		}
		c := w.connect()
		_, err := meta(w, c, wamp.MetaProcSessionAddTestament, topic, wamp.List{"foo"}, wamp.Dict{})
		require.NoError(w, err)
		require.NoError(w, c.Close())
		w.note("nothing else", fmt.Sprint(receive(w, got).ArgumentsKw))
	})
}

// TestRaisedByTheRouter: an RPCError is a value of nexus's type, whoever raised it.
func TestRaisedByTheRouter(t *testing.T) {
	both(t, everywhere, outcome{"is": true, "error": wamp.ErrNoSuchProcedure, "type": wamp.CALL, "procedure": "com.parity.nowhere",
		"text": "calling remote procedure 'com.parity.nowhere': wamp.error.no_such_procedure"}, func(w *world) {
		_, err := w.connect().Call(w.soon(), "com.parity.nowhere", nil, wamp.List{1}, nil, nil)
		raised, is := err.(client.RPCError) // as nexus's documentation does it
		require.True(w, is, "%T", err)
		w.note("is", is)
		w.note("error", raised.Err.Error)
		w.note("type", raised.Err.Type)
		w.note("procedure", raised.Procedure)
		w.note("text", raised.Error())
	})
}
