package attacks_test

import (
	"sync"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// payloadKind is a kind of sealed payload on its last way, to who opens it.
type payloadKind struct {
	op      string // of a refusal
	message wamp.MessageType
	more    bool                       // details say that more is to come
	victim  func(*theatre) *actor      // who gets it
	provoke func(*theatre) error       // has an honest one sent, and returns what comes of it
	settle  func(*theatre, error, any) // requires what comes of a refusal
}

func toCaller(th *theatre) *actor { return th.caller }
func toCallee(th *theatre) *actor { return th.callee }

func calling(what string) func(*theatre) error {
	return func(th *theatre) error { return th.call(what) }
}

// answerRefused: the handler ran once, the caller knows why its call ended.
func answerRefused(th *theatre, err error, reason any) {
	harness.Receive(th.t, th.callee.served)
	harness.RequireReason(th.t, err, reason.(transparency.Reason))
}

var payloadKinds = []payloadKind{
	{"event", wamp.EVENT, false, toCallee, func(th *theatre) error { return th.publish("x") },
		func(th *theatre, err error, _ any) { require.NoError(th.t, err) }},
	{"invocation", wamp.INVOCATION, false, toCallee, calling("x"),
		func(th *theatre, err error, reason any) { th.requireRefused(err, reason.(transparency.Reason)) }},
	{"invocation", wamp.INVOCATION, true, toCallee, func(th *theatre) error { return th.callInChunks("x", 2) },
		func(th *theatre, err error, reason any) { th.requireRefused(err, reason.(transparency.Reason)) }},
	{"result", wamp.RESULT, false, toCaller, calling("x"), answerRefused},
	{"progress", wamp.RESULT, true, toCaller, calling("progress"), answerRefused},
	{"error", wamp.ERROR, false, toCaller, calling("fail"), answerRefused},
}

func (k payloadKind) String() string {
	if k.more && k.message == wamp.INVOCATION {
		return "chunk"
	}
	return k.op
}

func (k payloadKind) matches(m *proxy.Message) bool {
	return m.Is(k.message) && m.Progress() == k.more
}

// change has the evil router change the next payload of the kind.
func (k payloadKind) change(th *theatre, change func(*proxy.Message)) {
	var once sync.Once
	k.victim(th).conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
		if k.matches(m) {
			once.Do(func() { change(m) })
		}
		send(m)
	})
}

// refuses changes one payload of the kind, which then has to be refused.
func (k payloadKind) refuses(th *theatre, reason transparency.Reason, change func(*proxy.Message)) {
	th.t.Helper()
	k.change(th, change)
	th.patient = 1 // a router takes a late chunk for a call of its own
	err := k.provoke(th)
	th.patient = 0
	k.victim(th).refuses(k.op, reason)
	k.settle(th, err, reason)
	k.victim(th).conn.On(proxy.Down, nil)
	th.caller.quiet()
	th.callee.quiet()
}

// honest has a payload of the kind pass, and returns it.
func (k payloadKind) honest(th *theatre) *proxy.Message {
	th.t.Helper()
	th.evil.Forget()
	k.passes(th)
	return th.await(k.victim(th).conn, proxy.Down, k.matches)
}

// passes has a payload of the kind sent, and requires that it arrives.
func (k payloadKind) passes(th *theatre) {
	th.t.Helper()
	err := k.provoke(th)
	k.victim(th).conn.On(proxy.Down, nil)
	k.arrived(th, err)
}

// arrived requires that what was sent honestly has come of it.
func (k payloadKind) arrived(th *theatre, err error) {
	th.t.Helper()
	if k.op == "error" {
		require.Equal(th.t, failureURI, string(harness.Raised(th.t, err).Error))
	} else {
		require.NoError(th.t, err)
	}
	if k.op == "event" {
		harness.Receive(th.t, th.callee.events)
	} else {
		harness.Receive(th.t, th.callee.served)
	}
	th.drain()
	th.caller.quiet()
	th.callee.quiet()
}

// drain takes what has reached the callee.
func (th *theatre) drain() {
	for len(th.callee.served)+len(th.callee.events) > 0 {
		select {
		case <-th.callee.served:
		case <-th.callee.events:
		}
	}
}

// forEachKind runs the attack on each kind of payload, in each dialect.
func forEachKind(t *testing.T, try func(th *theatre, k payloadKind)) {
	t.Helper()
	attackEach(t, func(_ *testing.T, th *theatre) {
		for _, k := range payloadKinds {
			th.doing = k.String()
			try(th, k)
		}
	})
}
