package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// A scene is one exchange. play returns what the applications got, a line each,
// or an error if that is not what was sent.
type scene struct {
	title string
	play  func(context.Context, *stage) (got []string, err error)
}

var scenes = []scene{
	{"Publish an event", publish},
	{"Call a procedure", call},
	{"Call a procedure that fails", fail},
	{"Call with progressive results", progress},
	{"Call with a payload in chunks", chunks},
	{"Publish to a topic that is declared plain", publishPlain},
	{"Publish to a topic with a typo", publishTypo},
	{"The router passes the event off as one of another topic", passOff},
}

func publish(ctx context.Context, st *stage) ([]string, error) {
	const topic = prefix + "hello"
	events := make(chan *wamp.Event, 1)
	if err := st.responder.Subscribe(topic, func(ev *wamp.Event) { events <- ev }, nil); err != nil {
		return nil, err
	}
	args, kwargs := wamp.List{st.secret("Hello from the originator"), 23}, wamp.Dict{"to": st.secret("whom it concerns")}
	if err := st.originator.Publish(topic, nil, args, kwargs); err != nil {
		return nil, err
	}
	select {
	case ev := <-events:
		return same("event", wamp.List{args[0], int64(23)}, kwargs, ev.Arguments, ev.ArgumentsKw, ev.Details)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// publishPlain shows what a router sees of what isn't sealed.
func publishPlain(ctx context.Context, st *stage) ([]string, error) {
	const topic = plainPrefix + "news"
	events := make(chan *wamp.Event, 1)
	if err := st.responder.Subscribe(topic, func(ev *wamp.Event) { events <- ev }, nil); err != nil {
		return nil, err
	}
	args := wamp.List{"we open at nine"}
	if err := st.originator.Publish(topic, nil, args, nil); err != nil {
		return nil, err
	}
	select {
	case ev := <-events:
		if _, sealed := transparency.InfoFrom(ev.Details); sealed || !reflect.DeepEqual(ev.Arguments, args) {
			return nil, fmt.Errorf("%w: event", errWrong)
		}
		return []string{"event " + jsonOf(ev.Arguments) + ", which proves nothing"}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// publishTypo misses the key by a letter. That is an error, and nothing is sent.
func publishTypo(_ context.Context, st *stage) ([]string, error) {
	err := st.originator.Publish("com.myapp.encryptd.hello", nil, wamp.List{st.secret("meant to be sealed")}, nil)
	if !errors.Is(err, transparency.NoKey) {
		return nil, fmt.Errorf("%w: %w", errWrong, err)
	}
	return []string{"nothing; the originator got an error: " + err.Error()}, nil
}

func call(ctx context.Context, st *stage) ([]string, error) {
	const procedure = prefix + "greet"
	question, answer := st.secret("your name, please"), st.secret("my name is Responder")
	var served []string
	err := st.responder.Register(procedure, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		var err error
		if served, err = same("invocation", wamp.List{question}, nil, inv.Arguments, inv.ArgumentsKw, inv.Details); err != nil {
			return client.InvokeResult{Err: "com.myapp.wrong"}
		}
		return client.InvokeResult{Args: wamp.List{answer}}
	}, nil)
	if err != nil {
		return nil, err
	}
	res, err := st.originator.Call(ctx, procedure, nil, wamp.List{question}, nil, nil)
	if err != nil {
		return nil, err
	}
	got, err := same("result", wamp.List{answer}, nil, res.Arguments, res.ArgumentsKw, res.Details)
	return append(served, got...), err
}

func fail(ctx context.Context, st *stage) ([]string, error) {
	const procedure, uri = prefix + "failme", wamp.URI("com.myapp.error1")
	why := wamp.Dict{"why": st.secret("the reason is confidential")}
	err := st.responder.Register(procedure, func(context.Context, *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Err: uri, Kwargs: why}
	}, nil)
	if err != nil {
		return nil, err
	}
	_, err = st.originator.Call(ctx, procedure, nil, nil, nil, nil)
	var raised client.RPCError
	if !errors.As(err, &raised) || raised.Err.Error != uri {
		return nil, fmt.Errorf("%w: %w", errWrong, err)
	}
	return same("error "+string(uri), nil, why, raised.Err.Arguments, raised.Err.ArgumentsKw, raised.Err.Details)
}

func progress(ctx context.Context, st *stage) ([]string, error) {
	const procedure = prefix + "stream"
	parts := []string{st.secret("first part of the stream"), st.secret("second part of the stream"), st.secret("end of the stream")}
	err := st.responder.Register(procedure, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		for _, part := range parts[:2] {
			if err := st.responder.SendProgress(ctx, wamp.List{part}, nil); err != nil {
				return client.InvokeResult{Err: "com.myapp.wrong"}
			}
		}
		return client.InvokeResult{Args: wamp.List{parts[2]}}
	}, nil)
	if err != nil {
		return nil, err
	}
	var got []string
	var wrong error
	check := func(what string, res *wamp.Result) {
		lines, err := same(what, wamp.List{parts[min(len(got), 2)]}, nil, res.Arguments, res.ArgumentsKw, res.Details)
		got, wrong = append(got, lines...), errors.Join(wrong, err)
	}
	res, err := st.originator.Call(ctx, procedure, nil, nil, nil, func(res *wamp.Result) { check("progress", res) })
	if err != nil {
		return nil, err
	}
	check("result", res)
	if len(got) != len(parts) {
		return nil, fmt.Errorf("%w: %d parts of %d", errWrong, len(got), len(parts))
	}
	return got, wrong
}

func chunks(ctx context.Context, st *stage) ([]string, error) {
	const procedure = prefix + "upload"
	rest := []string{st.secret("first chunk of the upload"), st.secret("last chunk of the upload")}
	want := append([]string(nil), rest...)
	var got []string
	err := st.responder.Register(procedure, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		lines, err := same("chunk", wamp.List{want[min(len(got), 1)]}, nil, inv.Arguments, inv.ArgumentsKw, inv.Details)
		if err != nil {
			return client.InvokeResult{Err: "com.myapp.wrong"}
		}
		got = append(got, lines...)
		if more, _ := inv.Details[wamp.OptProgress].(bool); more {
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}
		return client.InvokeResult{Args: wamp.List{len(got)}}
	}, nil)
	if err != nil {
		return nil, err
	}
	res, err := st.originator.CallProgressive(ctx, procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		chunk := rest[0]
		rest = rest[1:]
		return wamp.Dict{wamp.OptProgress: len(rest) > 0}, wamp.List{chunk}, nil, nil
	}, nil)
	if err != nil {
		return nil, err
	}
	lines, err := same("result", wamp.List{int64(2)}, nil, res.Arguments, res.ArgumentsKw, res.Details)
	return append(got, lines...), err
}

// passOff plays a router that sends on, under another topic, the event that it
// has seen. It can't open it, and the responder doesn't take it for what it isn't.
func passOff(ctx context.Context, st *stage) ([]string, error) {
	const topic = prefix + "orders"
	events := make(chan *wamp.Event, 1)
	if err := st.responder.Subscribe(topic, func(ev *wamp.Event) { events <- ev }, nil); err != nil {
		return nil, err
	}
	seen, err := st.firstPublish()
	if err != nil {
		return nil, err
	}
	forger, err := client.ConnectNet(ctx, st.originatorTap.url(), config())
	if err != nil {
		return nil, err
	}
	defer func() { _ = forger.Close() }()
	if err := forger.Publish(topic, nil, seen.Arguments, seen.ArgumentsKw); err != nil {
		return nil, err
	}
	select {
	case refused := <-st.refused:
		if refused.Reason != transparency.WrongURI {
			return nil, refused
		}
		return []string{"nothing; the event was refused: " + refused.Reason.Error()}, nil
	case <-events:
		return nil, fmt.Errorf("%w: the event was delivered", errWrong)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// same compares what arrived with what was sent, and checks that it came sealed
// and bound.
func same(what string, wantArgs wamp.List, wantKwargs wamp.Dict, args wamp.List, kwargs, details wamp.Dict) ([]string, error) {
	info, sealed := transparency.InfoFrom(details)
	if !sealed || info.Dialect.Foreign() || !reflect.DeepEqual(args, wantArgs) || !reflect.DeepEqual(kwargs, wantKwargs) {
		return nil, fmt.Errorf("%w: %s", errWrong, what)
	}
	if len(args) > 0 {
		what += " " + jsonOf(args)
	}
	if len(kwargs) > 0 {
		what += " " + jsonOf(kwargs)
	}
	return []string{what}, nil
}

// jsonOf prints what arrived; nothing but strings and integers does here.
func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
