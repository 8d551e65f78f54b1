package transparency

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
)

// standing is a subscription or registration that is to be there on each connection.
type standing struct {
	op    string // "subscribe" or "register"
	uri   string
	match string
	begin func(*connection) error // asks the router for it

	asking sync.Mutex // held while the router is asked for it, or for its end

	// Under the mu of reconnecting.
	on  *connection // where it is in place
	err error       // why it isn't, on the present connection
}

// errNotAsked is why something isn't in place as yet.
var errNotAsked = errors.New("the router will be asked")

// same reports whether routers and clients take both for one.
func (st *standing) same(other *standing) bool {
	return st.op == other.op && st.uri == other.uri && st.match == other.match
}

func matchOf(options wamp.Dict) string {
	match, _ := wamp.AsString(options[wamp.OptMatch])
	return match
}

// last returns the last one that is like that.
func (r *reconnecting) last(like func(*standing) bool) *standing {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, st := range slices.Backward(r.all) {
		if like(st) {
			return st
		}
	}
	return nil
}

// forget takes st out, and returns whether it was there, and where it is in place.
func (r *reconnecting) forget(st *standing) (on *connection, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.Index(r.all, st)
	if i < 0 {
		return nil, false
	}
	r.all = slices.Delete(r.all, i, i+1)
	return st.on, true
}

// establish has the router asked for st, and keeps it if it takes that.
func (r *reconnecting) establish(st *standing) error {
	before := r.last(st.same)
	if before != nil {
		before.asking.Lock()
		defer before.asking.Unlock()
	}
	for {
		c := r.current.Load()
		if err := st.begin(c); err != nil {
			return err
		}
		if r.keep(st, c) {
			return nil
		}
	}
}

// keep notes st, in place of one that it replaces, where c is still the present connection.
// Another one has been given what was noted then.
func (r *reconnecting) keep(st *standing, c *connection) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current.Load() != c {
		return false
	}
	st.on = c
	r.all = slices.DeleteFunc(r.all, st.same)
	r.all = append(r.all, st)
	return true
}

// withdraw forgets what was established last under the URI, and has the router asked for
// its end. A connection that is lost has ended it.
func (r *reconnecting) withdraw(op, uri string, end func(*connection) error) error {
	st := r.last(func(st *standing) bool { return st.op == op && st.uri == uri })
	if st == nil {
		return end(r.current.Load())
	}
	st.asking.Lock()
	defer st.asking.Unlock()
	on, found := r.forget(st)
	c := r.current.Load()
	if found && on != c {
		return nil
	}
	err := end(c)
	if found && errors.Is(err, nexus.ErrNotConn) {
		return nil
	}
	return err
}

// restore asks the router on c for what is noted and not in place there, and returns
// whether all is. An error is the end of c.
func (r *reconnecting) restore(c *connection) (complete bool, err error) {
	complete = true
	for _, st := range r.missing(c) {
		err := r.restoreOne(c, st)
		switch {
		case errors.Is(err, nexus.ErrNotConn):
			return false, err
		case errors.Is(err, nexus.ErrReplyTimeout):
			// Whether it is in place isn't known, nor will it be.
			c.End(err)
			return false, err
		case err != nil:
			complete = false
		}
	}
	return complete, nil
}

func (r *reconnecting) restoreOne(c *connection, st *standing) error {
	st.asking.Lock()
	defer st.asking.Unlock()
	r.mu.Lock()
	withdrawn := !slices.Contains(r.all, st)
	r.mu.Unlock()
	if withdrawn {
		return nil
	}
	err := st.begin(c)
	r.mu.Lock()
	again := st.err != errNotAsked
	if st.err = err; err == nil {
		st.on = c
	}
	r.mu.Unlock()
	if err != nil && !again && !errors.Is(err, nexus.ErrNotConn) {
		r.log.Warn("not in place again", slog.String("op", st.op), slog.String("uri", r.nameOf(st)), slog.Any(keyError, err))
	}
	return err
}

// nameOf is what the application calls it.
func (r *reconnecting) nameOf(st *standing) string {
	if uri, known := r.session.asked.nameOf(st.uri); known {
		return uri
	}
	return st.uri
}

// missing returns what isn't in place on c.
func (r *reconnecting) missing(c *connection) []*standing {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.notOn(c)
}

// incomplete says what is missing on the present connection, or is nil.
func (r *reconnecting) incomplete() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	missing := r.notOn(r.current.Load())
	if len(missing) == 0 {
		return nil
	}
	first := missing[0]
	return fmt.Errorf("transparency: %d not in place again, among them %s %q: %w", len(missing), first.op, r.nameOf(first), first.err)
}

// notOn is missing. mu is held.
func (r *reconnecting) notOn(c *connection) []*standing {
	return slices.DeleteFunc(slices.Clone(r.all), func(st *standing) bool { return st.on == c })
}
