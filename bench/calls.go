package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

const (
	callSize  = 256     // bytes of text in a call, an answer, an event
	largeSize = 1 << 20 // the same of a large one
	many      = 64      // calls, or events, under way: no more than a router's queue holds
	few       = 4       // large calls under way

	// patience bounds the wait for a run's end beyond its time.
	patience = time.Minute
)

// load is how many calls are under way, how large each is, and what.
type load struct {
	atOnce, size int
	binary       bool // a byte string in the text's place
}

// caller makes a contender of a caller and a callee that answers with what it was
// called with.
func caller(ctx context.Context, url string, k kind, s serializer, l load) (contender, error) {
	c, err := connect(ctx, url, k, s, 1)
	if err != nil {
		return contender{}, err
	}
	echo := func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: inv.Arguments}
	}
	run := func(ctx context.Context, least time.Duration) (sample, error) {
		ctx, cancel := context.WithTimeout(ctx, least+patience)
		defer cancel()
		return measured(func() (int, error) { return c.calls(ctx, l, least) })
	}
	return contender{k.name, run, c.close}, c.far[0].Register(c.uri, echo, nil)
}

// calls has so many goroutines call, each again when it is answered, with what no other
// has. Every answer is compared.
func (c *clients) calls(ctx context.Context, l load, least time.Duration) (int, error) {
	var count atomic.Int64
	errs := make([]error, l.atOnce)
	var callers sync.WaitGroup
	until := time.Now().Add(least)
	for i := range l.atOnce {
		callers.Go(func() {
			text := payload(i, l.size)
			args := wamp.List{text}
			if l.binary {
				args[0] = serialize.BinaryData(text)
			}
			for n := 0; errs[i] == nil && (n == 0 || time.Now().Before(until)); n++ {
				var result *wamp.Result
				result, errs[i] = c.near.Call(ctx, c.uri, nil, args, nil, nil)
				if errs[i] == nil && !same(result.Arguments, text) {
					errs[i] = errors.New("the answer isn't what was called with")
				}
				count.Add(1)
			}
		})
	}
	callers.Wait()
	return int(count.Load()), errors.Join(errs...)
}

func same(args wamp.List, text string) bool {
	if len(args) != 1 {
		return false
	}
	switch got := args[0].(type) {
	case string:
		return got == text || got == inJSONText(text)
	case []byte:
		return string(got) == text
	}
	return false
}

// inJSONText is a byte string as nexus's client leaves it in JSON (WAMP specification, "Binary
// conversion of JSON Strings").
func inJSONText(binary string) string {
	return "\x00" + base64.StdEncoding.EncodeToString([]byte(binary))
}

// compareCalls compares all kinds at the router, and others, and adds them to the table.
// It returns their bars.
func (b *benchmark) compareCalls(ctx context.Context, t *table, url string, kinds []kind, s serializer, load load, others ...contender) ([]bar, error) {
	title := fmt.Sprintf("%s, %d at a time: ", s.name, load.atOnce)
	if load.binary {
		title = fmt.Sprintf("%s, bytes, %d at a time: ", s.name, load.atOnce)
	}
	found, err := b.compareKinds(ctx, t, title, kinds, func(k kind) (contender, error) { return caller(ctx, url, k, s, load) }, others...)
	return found.bars(s.name+": ", rate), err
}

const callsNote = "An echo of 256 bytes of text, or where it says so a byte string, on WebSockets of the loopback interface, from so many callers of one session. " +
	"Both clients are in this process."

// calls is the section of that name.
func (b *benchmark) calls(ctx context.Context) (err error) {
	r, err := testrouter.New(realm)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	t := b.table("Calls, router in the process", callsNote, perSecond, rateRatio)
	var drawn []bar
	for _, s := range serializers {
		for _, atOnce := range []int{1, many} {
			found, err := b.compareCalls(ctx, t, r.WebSocketURL(), nexusKinds, s, load{atOnce, callSize, false})
			if err != nil {
				return err
			}
			if atOnce == many {
				drawn = append(drawn, found...)
			}
		}
	}
	for _, atOnce := range []int{1, many} { // in JSON, both have to make text of them
		if _, err := b.compareCalls(ctx, t, r.WebSocketURL(), nexusKinds, inJSON, load{atOnce, callSize, true}); err != nil {
			return err
		}
	}
	t = b.table("Large calls, router in the process", "An echo of 1 MiB of text.", perSecond, rateRatio)
	for _, s := range serializers[:2] {
		if _, err := b.compareCalls(ctx, t, r.WebSocketURL(), nexusKinds, s, load{few, largeSize, false}); err != nil {
			return err
		}
	}
	return b.draw(bars("Calls of 256 B a second, nexus router in the process, 64 at a time", drawn))
}

// cpu is the section of that name.
func (b *benchmark) cpu(ctx context.Context) (err error) {
	r, err := startRouterProcess(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.stop()) }()
	t := b.table("What a call costs both clients, router in a process of its own", callsNote+" CPU is its time, in user and system mode.",
		perSecond, rateRatio, eachCPU, cpuRatio, eachAllocs, eachBytes)
	for _, s := range serializers {
		if _, err := b.compareCalls(ctx, t, r.banner, nexusKinds, s, load{many, callSize, false}); err != nil {
			return err
		}
	}
	return nil
}
