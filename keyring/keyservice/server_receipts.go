package keyservice

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// notes are what was written of a member, by the serials that it held. They are as few as the
// folder keeps.
type notes map[uint64]note

// due tells whether a receipt should be written, and notes that it is.
func (m *servedMember) due(get statement.Get, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, written := m.notes[get.Serial]
	if written && before.next == get.NextRecipient && now.Sub(before.at) < receiptAge {
		return false
	}
	if !written && len(m.notes) == grants.MaxReceipts {
		lowest := slices.Min(slices.Collect(maps.Keys(m.notes)))
		if get.Serial < lowest {
			return false // the folder wouldn't keep it
		}
		delete(m.notes, lowest)
	}
	m.notes[get.Serial] = note{now, get.NextRecipient}
	return true
}

// undue has the next one of the same grant be written.
func (m *servedMember) undue(serial uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.notes, serial)
}

const (
	maxQueued = 4096            // receipts that wait to be written
	lastWrite = 2 * time.Second // for those that wait when the server ends
)

// receiptWriter writes receipts one after the other, beside the answers: a disk takes its time to
// have kept something.
type receiptWriter struct {
	folder *grants.Folder
	server *Server
	limit  *rate.Limiter
	wake   chan struct{}
	ctx    context.Context
	cancel context.CancelFunc

	mu     sync.Mutex
	queue  []receiptOf
	queued map[receiptKey]int // places in queue
}

type receiptKey struct {
	name   string
	serial uint64
}

type receiptOf struct {
	receiptKey
	member *servedMember
	grants.Receipt
}

func newReceiptWriter(folder *grants.Folder, s *Server) *receiptWriter {
	w := &receiptWriter{
		folder: folder, server: s, limit: rate.NewLimiter(writeRate, writeBurst),
		wake: make(chan struct{}, 1), queued: map[receiptKey]int{},
	}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w
}

// add has a receipt be written, in place of one of the same grant that waits. Where too many
// wait, the member's next one is.
func (w *receiptWriter) add(r receiptOf) {
	w.mu.Lock()
	at, waits := w.queued[r.receiptKey]
	switch {
	case waits:
		w.queue[at] = r
	case len(w.queue) < maxQueued:
		w.queued[r.receiptKey] = len(w.queue)
		w.queue = append(w.queue, r)
	default:
		w.mu.Unlock()
		r.member.undue(r.serial)
		return
	}
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *receiptWriter) take() []receiptOf {
	w.mu.Lock()
	defer w.mu.Unlock()
	queue := w.queue
	w.queue = nil
	clear(w.queued)
	return queue
}

// run writes until close.
func (w *receiptWriter) run() {
	for {
		select {
		case <-w.wake:
		case <-w.ctx.Done():
			w.write(context.Background(), time.Now().Add(lastWrite))
			return
		}
		w.write(w.ctx, time.Time{})
	}
}

// write writes what waits, until a time if one is given.
func (w *receiptWriter) write(ctx context.Context, until time.Time) {
	for _, r := range w.take() {
		if until.IsZero() {
			_ = w.limit.Wait(ctx) // what is left then is written at once
		} else if time.Now().After(until) {
			return
		}
		switch err := w.folder.PutReceipt(r.name, r.serial, r.Receipt); {
		case err == nil:
			w.server.counts.receipt()
		case w.hasGone(r.name): // with its receipts, while this one was written
		default:
			r.member.undue(r.serial)
			w.server.tell(ErrReceipts, err)
		}
	}
}

func (w *receiptWriter) hasGone(name string) bool {
	_, err := w.folder.Member(name)
	return errors.Is(err, fs.ErrNotExist)
}

func (w *receiptWriter) close() { w.cancel() }
