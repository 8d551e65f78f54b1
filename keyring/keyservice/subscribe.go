package keyservice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/passby"
)

// subscribe listens for hints until ctx ends. What they say is nothing but that one may ask.
func (w *Watcher) subscribe(ctx context.Context) {
	for {
		err := w.session.Subscribe(w.topic(), w.hint, passby.Options(w.session, w.Prefix))
		select {
		case w.subscribed <- err:
		case <-ctx.Done():
		}
		if err == nil {
			break
		}
		select {
		case <-time.After(w.Every):
		case <-w.session.Done():
			return
		case <-ctx.Done():
			return
		}
	}
	select {
	case <-w.session.Done():
		return
	case <-ctx.Done():
	}
	if err := w.session.Unsubscribe(w.topic()); err != nil && !errors.Is(err, client.ErrNotSubscribed) && w.session.Connected() {
		w.mu.Lock()
		w.unheard = err
		w.mu.Unlock()
	}
}

// hint is called for each event.
func (w *Watcher) hint(*wamp.Event) {
	select {
	case w.hints <- struct{}{}:
	default:
	}
}

// isSubscribed notes whether hints come. What was said before is asked for.
func (w *Watcher) isSubscribed(err error) {
	if err != nil {
		err = fmt.Errorf("%w, so that changes are seen late, every %v as Config.Every says: %w", ErrNoHints, w.Every, err)
	}
	w.fails(&w.told.hints, "subscribe", err)
	if err == nil {
		w.schedule.hasten()
	}
}
