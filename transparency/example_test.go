package transparency_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

var quiet = log.New(io.Discard, "", 0)

func newExampleRouter() (router.Router, error) {
	return router.NewRouter(&router.Config{RealmConfigs: []*router.RealmConfig{
		{URI: "realm1", AnonymousAuth: true},
	}}, quiet)
}

func Example() {
	if err := example(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// event: [Hello 23]
	// result: [5]
	// error: com.myapp.error1 map[custom1:23]
}

func example() error {
	nexus, err := newExampleRouter()
	if err != nil {
		return err
	}
	defer nexus.Close()
	cfg := client.Config{Realm: "realm1", Logger: quiet}

	// Each side makes a key pair and gives the public half to the other.
	originatorKey, responderKey := cryptobox.GenerateKey(), cryptobox.GenerateKey()

	// The responder subscribes and registers.
	ring := keyring.New()
	err = ring.Set(keyring.Prefix("com.myapp.encrypted."), keyring.Responder(responderKey, originatorKey.Public()))
	if err != nil {
		return err
	}
	responder, err := transparency.ConnectLocal(nexus, cfg, ring)
	if err != nil {
		return err
	}
	defer responder.Close()
	events := make(chan *wamp.Event, 1)
	err = responder.Subscribe("com.myapp.encrypted.hello", func(ev *wamp.Event) { events <- ev }, nil)
	if err != nil {
		return err
	}
	err = responder.Register("com.myapp.encrypted.add2", add2, nil)
	if err != nil {
		return err
	}

	// The originator publishes and calls.
	ring = keyring.New()
	err = ring.Set(keyring.Prefix("com.myapp.encrypted."), keyring.Originator(originatorKey, responderKey.Public()))
	if err != nil {
		return err
	}
	originator, err := transparency.ConnectLocal(nexus, cfg, ring)
	if err != nil {
		return err
	}
	defer originator.Close()
	err = originator.Publish("com.myapp.encrypted.hello", nil, wamp.List{"Hello", 23}, nil)
	if err != nil {
		return err
	}
	fmt.Println("event:", (<-events).Arguments)
	ctx := context.Background()
	res, err := originator.Call(ctx, "com.myapp.encrypted.add2", nil, wamp.List{2, 3}, nil, nil)
	if err != nil {
		return err
	}
	fmt.Println("result:", res.Arguments)
	_, err = originator.Call(ctx, "com.myapp.encrypted.add2", nil, wamp.List{"two"}, nil, nil)
	var raised client.RPCError
	if errors.As(err, &raised) {
		fmt.Println("error:", raised.Err.Error, raised.Err.ArgumentsKw)
	}
	return nil
}

func add2(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	var sum int64
	for _, arg := range inv.Arguments {
		n, ok := wamp.AsInt64(arg)
		if !ok {
			return client.InvokeResult{Err: "com.myapp.error1", Kwargs: wamp.Dict{"custom1": 23}}
		}
		sum += n
	}
	return client.InvokeResult{Args: wamp.List{sum}}
}

// Both sides over RawSocket. The router could as well be somebody else's, at a URL that
// begins with wss://.
func ExampleConnectNet() {
	nexus, err := newExampleRouter()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer nexus.Close()
	listener, err := router.NewRawSocketServer(nexus).ListenAndServe("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer listener.Close()
	url := "tcp://" + listener.(net.Listener).Addr().String()
	if err := overNetwork(context.Background(), url); err != nil {
		fmt.Println(err)
	}
	// Output: 5
}

func overNetwork(ctx context.Context, url string) error {
	cfg := client.Config{Realm: "realm1", Logger: quiet}
	originatorKey, responderKey := cryptobox.GenerateKey(), cryptobox.GenerateKey()

	responders := keyring.New()
	err := responders.Set(keyring.Prefix("com.myapp.encrypted."), keyring.Responder(responderKey, originatorKey.Public()))
	if err != nil {
		return err
	}
	callee, err := transparency.ConnectNet(ctx, url, cfg, responders)
	if err != nil {
		return err
	}
	defer callee.Close()
	if err := callee.Register("com.myapp.encrypted.add2", add2, nil); err != nil {
		return err
	}

	ring := keyring.New()
	err = ring.Set(keyring.Prefix("com.myapp.encrypted."), keyring.Originator(originatorKey, responderKey.Public()))
	if err != nil {
		return err
	}
	s, err := transparency.ConnectNet(ctx, url, cfg, ring)
	if err != nil {
		return err
	}
	defer s.Close()
	res, err := s.Call(ctx, "com.myapp.encrypted.add2", nil, wamp.List{2, 3}, nil, nil)
	if err != nil {
		return err
	}
	fmt.Println(res.Arguments[0])
	return nil
}

// An existing nexus client, and a handler that asks what was proved.
func ExampleWrap() {
	nexus, err := newExampleRouter()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer nexus.Close()
	c, err := client.ConnectLocal(nexus, client.Config{Realm: "realm1", Logger: quiet})
	if err != nil {
		fmt.Println(err)
		return
	}

	ring := keyring.New()
	err = ring.Set(keyring.Prefix("com.myapp.encrypted."), keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey()))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := transparency.Wrap(c, "realm1", ring)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	done := make(chan struct{})
	err = s.Subscribe("com.myapp.encrypted.", func(ev *wamp.Event) {
		info, sealed := transparency.InfoFrom(ev.Details)
		fmt.Println(ev.Arguments, "sealed:", sealed, "dialect:", info.Dialect, "kind:", info.Kind)
		close(done)
	}, wamp.Dict{"match": "prefix"})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = s.Publish("com.myapp.encrypted.note", wamp.Dict{"exclude_me": false}, wamp.List{"to myself"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	<-done
	// Output: [to myself] sealed: true dialect: wampbox kind: publish
}

// Nothing is sent where it can't be sealed, and the error says why.
func ExampleError() {
	nexus, err := newExampleRouter()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer nexus.Close()
	ring := keyring.New()
	err = ring.Set(keyring.Prefix("com.myapp.orders."), keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey()))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := transparency.ConnectLocal(nexus, client.Config{Realm: "realm1", Logger: quiet}, ring)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	err = s.Publish("com.myapp.order.new", nil, wamp.List{"secret"}, nil)
	fmt.Println(errors.Is(err, transparency.NoKey))
	fmt.Println(err)
	// Output:
	// true
	// transparency: publish "com.myapp.order.new": no key for this URI: no pattern of the keyring matches: give it a key, or declare it plain; it nearly matches prefix "com.myapp.orders."
}
