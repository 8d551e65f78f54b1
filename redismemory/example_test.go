package redismemory_test

import (
	"context"
	"fmt"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/redis/go-redis/v9"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/redismemory"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// A callee of a shared registration. Each process that serves the procedure does the
// same, with the same key and the same Redis.
func Example() {
	callers, ourselves := cryptobox.GenerateKey().Public(), cryptobox.GenerateKey() // really: from files
	err := servePayments(context.Background(), keyring.Responder(ourselves, callers))
	fmt.Println(err)
}

func servePayments(ctx context.Context, key keyring.Key) error {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
	defer rdb.Close()
	memory, err := redismemory.New(rdb, redismemory.WithPrefix("payments"))
	if err != nil {
		return err
	}
	if err := memory.Check(ctx); err != nil { // Redis is up, and set up for this
		return err
	}

	ring := keyring.New()
	if err := ring.Set(keyring.Prefix("com.myapp.encrypted."), key); err != nil {
		return err
	}
	s, err := transparency.ConnectNet(ctx, "ws://localhost:8080/ws", client.Config{Realm: "realm1"}, ring,
		transparency.WithReplayMemory(memory))
	if err != nil {
		return err
	}
	defer s.Close()
	pay := func(context.Context, *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: wamp.List{"paid"}} // once for each call
	}
	if err := s.Register("com.myapp.encrypted.pay", pay, wamp.Dict{"invoke": "roundrobin"}); err != nil {
		return err
	}
	<-s.Done()
	return nil
}
