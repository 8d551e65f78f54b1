package hostile

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// life is one Session of an actor.
type life struct {
	actor         *actor
	name          string
	session       *transparency.Session
	conn          *proxy.Conn
	events, calls int // numbers of its memories
	subscriptions map[string]*target
	registrations map[string]*target
	heard         chan int64 // what it has published to itself
}

// target is a subscription or registration.
type target struct {
	pattern keyring.Pattern
	asked   time.Time
}

// sent is one payload that was sealed.
type sent struct {
	id      int64
	kind    cryptobox.Kind
	uri     string
	from    *life
	self    bool
	index   int       // of a chunk or progress, or how many were before
	begun   time.Time // it wasn't sealed before
	sealed  time.Time // at the latest; zero while that isn't known
	call    *call
	answer  *execution
	script  script
	args    wamp.List
	kwargs  wamp.Dict
	arrived int
}

// call is one of an actor's calls.
type call struct {
	caller    *life
	procedure string
	chunks    int
	answer    *execution // the one that answers it
	progress  int        // that came
	done      bool
}

// execution is a Session serving a call.
type execution struct {
	life      *life
	call      *call // nil for what was no call, which only a binding tells
	procedure string
	chunks    int // that were served
	progress  int // that was sent
}

// served is what makes an execution one.
type served struct {
	life *life
	call *call
}

// seen is what must happen once.
type seen struct {
	memory int
	scope  string
	id     int64
}

// ledger knows what was sent, and holds against it what arrives.
type ledger struct {
	w          *world
	mu         sync.Mutex
	payloads   map[int64]*sent
	seen       map[seen]bool
	executions map[served]*execution
	senders    map[cryptobox.SenderID]*life
	intact     map[seenWhole]bool
	removed    map[*actor]time.Time // from the lists of who sends and answers
	violations []string
	dumped     sync.Once
}

// seenWhole is a payload that a connection was given whole.
type seenWhole struct {
	conn *proxy.Conn
	id   int64
}

func newLedger(w *world) *ledger {
	return &ledger{
		w: w, payloads: map[int64]*sent{}, seen: map[seen]bool{}, executions: map[served]*execution{},
		senders: map[cryptobox.SenderID]*life{}, intact: map[seenWhole]bool{}, removed: map[*actor]time.Time{},
	}
}

func (l *ledger) violated(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail(format, args...)
}

func (l *ledger) fail(format string, args ...any) {
	l.violations = append(l.violations, fmt.Sprintf(format, args...))
}

// check fails the conversation if anything was seen that must not be.
func (l *ledger) check() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.violations) > 0 {
		l.w.t.Fatalf("%s", strings.Join(l.violations, "\n"))
	}
}

// send notes what is about to be sealed, and gives it an id and arguments.
func (l *ledger) send(s *sent) *sent {
	s.id, s.begun = l.w.ids.Add(1), time.Now()
	s.args = wamp.List{s.id, s.script.String(), strings.Repeat("x", int(s.id%7)*9)}
	s.kwargs = wamp.Dict{"id": s.id}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.payloads[s.id] = s
	return s
}

// sealed notes that it is sealed by now.
func (l *ledger) sealed(s *sent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.sealed = time.Now()
}

// find returns what a payload is, if it may have been opened there. l.mu is held.
func (l *ledger) find(at *life, what string, details wamp.Dict, args wamp.List, kwargs wamp.Dict, kinds ...cryptobox.Kind) *sent {
	info, sealed := transparency.InfoFrom(details)
	if !sealed || info.Dialect.String() != string(l.w.dialect) {
		l.fail("%s at %v was not sealed, or in another dialect: %v", what, at, args)
		return nil
	}
	var id int64
	if len(args) > 0 {
		id, _ = args[0].(int64)
	}
	s := l.payloads[id]
	switch {
	case s == nil:
		l.fail("%s at %v was sent by nobody: %v", what, at, args)
		return nil
	case !reflect.DeepEqual([]any(args), []any(s.args)) || !reflect.DeepEqual(map[string]any(kwargs), map[string]any(s.kwargs)):
		l.fail("%s at %v is not what was sent: %v", what, at, args)
	case !l.intact[seenWhole{at.conn, id}]:
		l.fail("%s %d at %v came in no envelope as it was sent", what, id, at)
	}
	if !l.w.foreign() {
		l.bound(what, at, s, &info, kinds)
		l.party(what, at, s, &info)
	}
	s.arrived++
	return s
}

// bound checks what only a binding proves.
func (l *ledger) bound(what string, at *life, s *sent, info *transparency.Info, kinds []cryptobox.Kind) {
	switch before, known := l.senders[info.Session]; {
	case s.kind != info.Kind || !slices.Contains(kinds, s.kind):
		l.fail("%s at %v was sent as %s, proved as %s", what, at, s.kind, info.Kind)
	case s.from.actor.realm != at.actor.realm:
		l.fail("%s at %v was sent in another realm", what, at)
	case known && before != s.from:
		l.fail("%s at %v has the sender id of %v", what, at, before)
	case !s.sealed.IsZero() && time.Since(s.sealed) > l.w.maxAge+ageSlack:
		l.fail("%s %d at %v is older than the maximal age", what, s.id, at)
	}
	l.senders[info.Session] = s.from
}

// once notes that s was seen in that scope of a memory.
func (l *ledger) once(what string, at *life, s *sent, key seen) {
	if l.seen[key] {
		l.fail("%s %d at %v was there before, in %s of memory %d", what, s.id, at, key.scope, key.memory)
	}
	l.seen[key] = true
}

// fresh checks that s was not sealed long before it was asked for.
func (l *ledger) fresh(what string, at *life, s *sent, asked time.Time) {
	if !l.w.foreign() && !s.sealed.IsZero() && s.sealed.Add(skew+2*time.Millisecond).Before(asked) {
		l.fail("%s %d at %v was sent %v before it was asked for", what, s.id, at, asked.Sub(s.sealed))
	}
}

// resolve returns the URI that a message is about.
func (t *target) resolve(details wamp.Dict, name string) string {
	if t.pattern.Match == keyring.MatchExact {
		return t.pattern.URI
	}
	uri, _ := wamp.AsURI(details[name])
	return string(uri)
}
