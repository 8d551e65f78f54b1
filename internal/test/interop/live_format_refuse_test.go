package interop_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// refuses expects that Python refuses what the Session sent, for the reason.
func (f formatTalk) refuses(message []byte, d interop.Delivery, reason string) {
	f.Helper()
	taken := f.opens(message, d)
	require.Equal(f, reason, taken.Refused, "%+v", d)
	require.Nil(f, taken.Opened.Args)
	require.Nil(f, taken.Opened.Kwargs)
}

func (f formatTalk) accepts(message []byte) interop.Taken {
	f.Helper()
	taken := f.opens(message, interop.Delivery{})
	require.Empty(f, taken.Refused)
	require.True(f, taken.Sealed)
	return taken
}

// elsewhere is the same with a Python party of another realm.
func (f formatTalk) elsewhere() formatTalk {
	f.Helper()
	f.config.Realm = "realm2"
	var err error
	f.py, err = f.python.Join(f.ctx, f.config)
	require.NoError(f, err)
	return f
}

// withOtherKeys is the same with a Python party that holds other keys of that id.
func (f formatTalk) withOtherKeys(role string) formatTalk {
	f.Helper()
	f.secrets = newSecrets()
	_, f.config.Key = f.halves(f.config.Key.Algorithm, role)
	var err error
	f.py, err = f.python.Join(f.ctx, f.config)
	require.NoError(f, err)
	return f
}

// TestLiveFormatPythonRefuses: what a Session seals says where it belongs, and
// Python takes it nowhere else.
func TestLiveFormatPythonRefuses(t *testing.T) {
	eachFormat(t, "originator", func(f formatTalk) {
		topic, procedure := keyed("topic"), keyed("procedure")
		elsewhere, stranger := f.elsewhere(), f.withOtherKeys("originator")
		require.NoError(f, f.session.Publish(topic, nil, formatArgs(), nil))
		event := f.conn.NextBytes()
		f.refuses(event, interop.Delivery{URI: keyed("topic")}, "WrongURI")
		f.refuses(event, interop.Delivery{URI: unkeyed("topic")}, "NoKey")
		f.refuses(event, interop.Delivery{As: "call"}, "WrongKind")
		f.refuses(event, interop.Delivery{As: "call_progress"}, "WrongKind")
		elsewhere.refuses(event, interop.Delivery{}, "WrongRealm")
		stranger.refuses(event, interop.Delivery{}, "NotOpened")
		f.accepts(event)
		f.refuses(event, interop.Delivery{}, "Replayed")

		done, _ := f.calls(procedure, nil, nil)
		call := f.conn.NextBytes()
		f.refuses(call, interop.Delivery{URI: keyed("procedure"), Request: 7}, "WrongURI")
		f.refuses(call, interop.Delivery{As: "publish"}, "WrongKind")
		f.refuses(call, interop.Delivery{As: "call_progress", Request: 7}, "WrongKind")
		elsewhere.refuses(call, interop.Delivery{}, "WrongRealm")
		stranger.refuses(call, interop.Delivery{}, "NotOpened")
		request := f.accepts(call).Request
		f.refuses(call, interop.Delivery{Request: 7}, "Replayed")
		f.answers(request, cryptobox.KindResult, "", nil, nil)
		require.NoError(f, next(f.live, done).err)
	})
}

// TestLiveFormatPythonRefusesAnswers: the same for what a Session answers.
func TestLiveFormatPythonRefusesAnswers(t *testing.T) {
	eachFormat(t, "responder", func(f formatTalk) {
		procedure := keyed("procedure")
		f.registers(procedure, f.handles)
		f.invokes(1, procedure, wamp.List{procedure, 2}, false)
		first, second, result := f.conn.NextBytes(), f.conn.NextBytes(), f.conn.NextBytes()
		f.invokes(2, procedure, wamp.List{errorURI, 0}, false)
		failure := f.conn.NextBytes()

		f.refuses(first, interop.Delivery{As: "result"}, "WrongKind")
		f.refuses(first, interop.Delivery{Request: 2}, "WrongRequest")
		f.refuses(second, interop.Delivery{}, "Gap")
		f.accepts(first)
		f.refuses(first, interop.Delivery{}, "Gap")
		f.refuses(result, interop.Delivery{}, "Gap")
		f.accepts(second)
		f.refuses(result, interop.Delivery{As: "progress"}, "WrongKind")
		f.accepts(result)
		f.refuses(failure, interop.Delivery{URI: keyed("error")}, "WrongURI")
		f.refuses(failure, interop.Delivery{Request: 1}, "WrongRequest")
		f.accepts(failure)
	})
}

// TestLiveFormatGoRefuses: what Python seals is no more than that to a Session.
func TestLiveFormatGoRefuses(t *testing.T) {
	eachFormat(t, "responder", func(f formatTalk) {
		topic, procedure := keyed("topic"), keyed("procedure")
		events := f.subscribes(topic)
		f.registers(procedure, func(context.Context, *wamp.Invocation) client.InvokeResult { return client.InvokeResult{} })
		event := interop.FormatMessage{To: formatSubscription, Request: 1, URI: topic}
		other := event
		other.URI = keyed("topic")
		f.sent(f.elsewhere().py.Event(f.ctx, event))
		f.refused(transparency.WrongRealm)
		f.sent(f.withOtherKeys("responder").py.Event(f.ctx, event))
		f.refused(transparency.NotOpened)
		f.sent(f.py.Event(f.ctx, other))
		f.refused(transparency.WrongURI)
		message, err := f.py.Event(f.ctx, event)
		f.sent(message, err)
		delivered(f, events)
		f.sent(message, nil)
		f.refused(transparency.Replayed)
		require.Empty(f, events)

		invocation := interop.FormatMessage{To: formatRegistration, Request: 1, URI: procedure, More: true}
		_, err = f.py.Invocation(f.ctx, invocation)
		require.NoError(f, err)
		f.sent(f.py.Invocation(f.ctx, invocation)) // the second chunk for the first
		if f.config.Framing == "ppt" {             // without the attributes, which are on the first
			f.refused(transparency.Plaintext)
		} else {
			f.refused(transparency.WrongRequest)
		}
		answer := f.conn.Next()
		require.EqualValues(f, wamp.ERROR, answer[0])
		require.Equal(f, "wamp.error.encryption.decrypt_error", answer[4])
		require.Len(f, answer, 5)
	})
}

func (f formatTalk) refused(reason transparency.Reason) {
	f.Helper()
	require.ErrorIs(f, next(f.live, f.C), reason)
}
