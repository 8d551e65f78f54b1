package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// inUse is the memory of heap and stacks, in bytes, and the goroutines, once nothing is
// left to collect.
func inUse() (bytes uint64, routines int) {
	runtime.GC()
	runtime.GC() // what has a finalizer, or is in a pool, takes two
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc + stats.StackInuse, runtime.NumGoroutine()
}

// taken is what so many take that work makes.
func taken(count int, work func() error) (sample, error) {
	bytes, routines := inUse()
	start := time.Now()
	err := work()
	s := sample{count: count, elapsed: time.Since(start)}
	s.bytes, s.routines = inUse()
	s.bytes, s.routines = max(s.bytes, bytes)-bytes, s.routines-routines
	return s, err
}

// idle joins so many clients that do nothing.
func idle(ctx context.Context, r *process, k kind, n int) (s sample, err error) {
	all := make([]transparency.Client, 0, n)
	defer func() {
		for _, c := range all {
			err = errors.Join(err, c.Close())
		}
	}()
	_, key := k.keys()
	return taken(n, func() error {
		for range n {
			c, err := join(ctx, r.banner, k, inMsgpack, key, nil)
			if err != nil {
				return err
			}
			all = append(all, c)
		}
		return nil
	})
}

// inFlight has so many invocations whose handlers wait. The router's process calls: what
// is counted is the callee's alone.
func inFlight(ctx context.Context, r *process, k kind, n int) (s sample, err error) {
	_, key := k.keys()
	callee, err := join(ctx, r.banner, k, inMsgpack, key, nil)
	if err != nil {
		return sample{}, err
	}
	release := make(chan struct{})
	defer func() {
		close(release)
		err = errors.Join(err, callee.Close())
	}()
	var started atomic.Int64
	uri := k.uri()
	err = callee.Register(uri, func(context.Context, *wamp.Invocation) client.InvokeResult {
		started.Add(1)
		<-release
		return client.InvokeResult{}
	}, nil)
	if err != nil {
		return sample{}, err
	}
	return taken(n, func() error {
		until := time.Now().Add(patience)
		for sent := 0; started.Load() < int64(n); {
			switch {
			case sent < n && sent-int(started.Load()) < many/2: // a router's queue holds these
				if err := r.write(uri); err != nil {
					return err
				}
				sent++
			case time.Now().After(until):
				return fmt.Errorf("%d of %d handlers have started", started.Load(), n)
			default:
				time.Sleep(100 * time.Microsecond)
			}
		}
		return nil
	})
}

// memory is the section of that name.
func (b *benchmark) memory(ctx context.Context) error {
	t := b.table("Memory", "Heap and stacks in use after a collection, and goroutines; the router is in a process of its own. MessagePack.",
		eachBytes, bytesRatio, goroutines)
	for _, load := range []struct {
		title string
		n     int
		work  func(context.Context, *process, kind, int) (sample, error)
	}{{"idle sessions", b.idle, idle}, {"invocations in flight", b.waiting, inFlight}} {
		var all []contender
		for _, k := range []kind{plainNexus, plainSession} {
			all = append(all, contender{name: k.name, run: func(ctx context.Context, _ time.Duration) (sample, error) {
				r, err := startRouterProcess(ctx)
				if err != nil {
					return sample{}, err
				}
				s, err := load.work(ctx, r, k, load.n)
				return s, errors.Join(err, r.stop())
			}})
		}
		title := english.Sprintf("%d %s: ", load.n, load.title)
		found, err := b.compare(ctx, title, 0, all)
		if err != nil {
			return err
		}
		t.add(title, found)
	}
	return nil
}
