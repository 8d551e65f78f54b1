package keyservice

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/passby"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// ServeOptions says how [Serve] works. The zero value is good.
type ServeOptions struct {
	// Prefix is what the procedure and the topic begin with, and ends with a dot. It is
	// [DefaultPrefix] where this is empty.
	Prefix string

	// Invoke is how a router shares the gets among several servers on a realm, which all have
	// to say the same: a policy of WAMP's shared registrations, "roundrobin" where this is
	// empty. A router that doesn't announce these takes one server, and refuses another.
	Invoke string

	// Settle is how long the folder has to be quiet before a change of it is announced, half a
	// second where this is 0. Poll is between looks at the folder where the system doesn't
	// tell of changes, and between attempts to announce one: 10 seconds where this is 0.
	Settle, Poll time.Duration

	// OnError is told what the operator should look after, each thing once until the folder
	// changes. It may be called by several goroutines.
	OnError func(error)

	// Logger has a line a get, in which no key is. Those that are refused are some a second.
	Logger *slog.Logger
}

const (
	defaultSettle = 500 * time.Millisecond
	defaultPoll   = 10 * time.Second
)

// Server answers what members ask for their grants, until its context ends, its session ends or
// it is closed.
type Server struct {
	ServeOptions
	session transparency.Client
	folder  *grants.Folder
	cancel  context.CancelFunc
	ctx     context.Context // ends with the server
	done    chan struct{}
	ended   error // set before done

	members  members
	limits   limits
	receipts *receiptWriter
	counts   counts
	told     telling
	waiting  atomic.Int64 // gets that are being answered

	mu      sync.Mutex
	closing bool
	serving sync.WaitGroup // calls of get
}

// Serve registers Prefix + "keyring.get" on a session, answers it out of a folder that wampbox
// authority issue has written, or a copy of it, and publishes Prefix + "keyring.changed" when it
// begins and whenever the folder has changed. The folder may be replaced meanwhile, file by file
// or as a whole. Receipts of what members hold are written into it.
//
// The session may be a transparency.Session, whatever its ring, or nexus's own client. On one with
// transparency.WithReconnect the server goes on after a lost connection. Close the server before a
// client of nexus's, which panics when it is closed while it is used.
//
// The error wraps [ErrConfig] or [ErrServe]: the folder isn't one of grants, or the router refuses
// the registration. A grant or a fresh key that is missing or has expired is no such error: it is
// told to OnError, and its gets are refused as unavailable until it is replaced.
func Serve(ctx context.Context, session transparency.Client, dir string, o ServeOptions) (*Server, error) {
	if err := o.complete(session); err != nil {
		return nil, &Error{"serve", err}
	}
	folder, err := grants.Open(dir)
	if err != nil {
		return nil, &Error{"serve", fmt.Errorf("%w: %w", ErrServe, err)}
	}
	s := &Server{ServeOptions: o, session: session, folder: folder, done: make(chan struct{}), limits: newLimits()}
	s.receipts = newReceiptWriter(folder, s)
	f := newFollower(folder, o.Settle, o.Poll)
	s.troubled(f.follow())
	s.looked(f)
	ctx, s.cancel = context.WithCancel(ctx)
	s.ctx = ctx
	if err := s.register(); err != nil {
		s.cancel()
		s.receipts.close()
		return nil, errors.Join(&Error{"serve", err}, f.close())
	}
	var working sync.WaitGroup
	working.Go(s.receipts.run)
	go func() {
		defer close(s.done)
		s.follow(f)
		s.cancel()
		s.ended = errors.Join(s.unregister(), f.close())
		s.receipts.close()
		working.Wait()
	}()
	return s, nil
}

func (o *ServeOptions) complete(session transparency.Client) error {
	o.Prefix, o.Invoke = cmp.Or(o.Prefix, DefaultPrefix), cmp.Or(o.Invoke, wamp.InvokeRoundRobin)
	switch {
	case session == nil:
		return fmt.Errorf("%w: there is no session", ErrConfig)
	case !strings.HasSuffix(o.Prefix, ".") || !wamp.URI(o.Prefix+passby.Get).ValidURI(true, ""):
		return fmt.Errorf("%w: the prefix has to be the beginning of a URI, and end with a dot", ErrConfig)
	case !slices.Contains([]string{wamp.InvokeSingle, wamp.InvokeRoundRobin, wamp.InvokeRandom, wamp.InvokeFirst, wamp.InvokeLast}, o.Invoke):
		return fmt.Errorf("%w: Invoke is %.64q: give one of WAMP's policies: roundrobin, random, first, last or single", ErrConfig, o.Invoke)
	case o.Settle < 0 || o.Poll < 0:
		return fmt.Errorf("%w: Settle is %v and Poll is %v: give 0 at least", ErrConfig, o.Settle, o.Poll)
	}
	o.Settle, o.Poll = cmp.Or(o.Settle, defaultSettle), cmp.Or(o.Poll, defaultPoll)
	if o.OnError == nil {
		o.OnError = func(error) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// register has the router send gets here.
func (s *Server) register() error {
	options := passby.Options(s.session, s.Prefix)
	shared := s.session.HasFeature(wamp.RoleDealer, wamp.FeatureSharedReg)
	if shared {
		options[wamp.OptInvoke] = s.Invoke
	}
	err := s.session.Register(s.Prefix+passby.Get, s.get, options)
	if err != nil && strings.Contains(err.Error(), string(wamp.ErrProcedureAlreadyExists)) { // clients give texts alone
		why := "another client has it, and this router doesn't share registrations: run one server on a realm"
		if shared {
			why = "another client has it, with another way to share it: all servers on a realm have to say the same"
		}
		return fmt.Errorf("%w: %s: %w", ErrServe, why, err)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrServe, err)
	}
	return nil
}

// unregister ends what register began, and waits for the gets that are being answered.
func (s *Server) unregister() (err error) {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	select {
	case <-s.session.Done(): // there is nobody to tell
	default:
		err = s.session.Unregister(s.Prefix + passby.Get)
	}
	s.serving.Wait()
	select {
	case <-s.session.Done():
		return nil
	default:
		return err
	}
}

// Close ends the server, and waits until it answers nothing any more, has written its receipts and
// runs no callback. The session stays. It may be called again. The error is that of
// unregistering.
func (s *Server) Close() error {
	s.cancel()
	<-s.done
	return s.ended
}

// Done is closed when the server has ended.
func (s *Server) Done() <-chan struct{} { return s.done }
