package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Order is what a customer sends. Its label is bytes, which are text in base64 for a schema.
type Order struct {
	Item  string `json:"item"`
	Count int    `json:"count"`
	Label []byte `json:"label"`
}

// errWrong is a scene that didn't come out as it must.
var errWrong = errors.New("not as it must be")

// play prints each scene.
func (s *stage) play(ctx context.Context, out io.Writer) error {
	for _, scene := range []struct {
		title string
		play  func(context.Context, io.Writer) error
	}{
		{"a valid order", s.valid},
		{"an invalid order, by a customer who validates", s.stopped},
		{"an invalid order, by one who doesn't", s.told},
		{"an invalid event, by one who doesn't", s.dropped},
		{"an invalid answer of the shop's own", s.withheld},
	} {
		fmt.Fprintf(out, "%s\n", scene.title)
		if err := scene.play(ctx, out); err != nil {
			return fmt.Errorf("%s: %w", scene.title, err)
		}
	}
	return nil
}

// buy calls for so many.
func buy(ctx context.Context, customer *transparency.Session, count int) (*wamp.Result, error) {
	return customer.Call(ctx, order, nil, wamp.List{Order{Item: "tea", Count: count, Label: []byte("fragile")}}, nil, nil)
}

func (s *stage) valid(ctx context.Context, out io.Writer) error {
	s.number.Store(1)
	result, err := buy(ctx, s.careless, 3)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  the caller got: %v\n", result.Arguments)
	return nil
}

// stopped: nothing is sent.
func (s *stage) stopped(ctx context.Context, out io.Writer) error {
	_, err := buy(ctx, s.careful, 0)
	if !errors.Is(err, transparency.Invalid) {
		return fmt.Errorf("%w: %w", errWrong, err)
	}
	fmt.Fprintf(out, "  its own session: %v\n", err)
	return nil
}

// told: the callee refuses, and says where, sealed.
func (s *stage) told(ctx context.Context, out io.Writer) error {
	_, err := buy(ctx, s.careless, 0)
	raised, ok := errors.AsType[client.RPCError](err)
	if !ok {
		return fmt.Errorf("%w: %w", errWrong, err)
	}
	_, sealed := transparency.InfoFrom(raised.Err.Details)
	fmt.Fprintf(out, "  the caller got: %s, path %q, why %q, sealed: %v\n", raised.Err.Error, raised.Err.ArgumentsKw["path"], raised.Err.ArgumentsKw["why"], sealed)
	return s.printRefusal(ctx, out)
}

// dropped: an event has nobody to be told.
func (s *stage) dropped(ctx context.Context, out io.Writer) error {
	for _, count := range []any{"three", 3} {
		if err := s.careless.Publish(ordered, nil, nil, wamp.Dict{"item": "tea", "count": count}); err != nil {
			return err
		}
	}
	if err := s.printRefusal(ctx, out); err != nil {
		return err
	}
	select {
	case event := <-s.events:
		fmt.Fprintf(out, "  the shop's handler got the next one: count %v\n", event.ArgumentsKw["count"])
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// withheld: the caller learns that there is no answer, and the shop why.
func (s *stage) withheld(ctx context.Context, out io.Writer) error {
	s.number.Store(-1)
	_, err := buy(ctx, s.careful, 3)
	raised, ok := errors.AsType[client.RPCError](err)
	if !ok {
		return fmt.Errorf("%w: %w", errWrong, err)
	}
	fmt.Fprintf(out, "  the caller got: %s %v\n", raised.Err.Error, raised.Err.Arguments)
	return s.printRefusal(ctx, out)
}

// printRefusal prints what the shop has refused: where and why, without any value.
func (s *stage) printRefusal(ctx context.Context, out io.Writer) error {
	err := s.noted(ctx)
	where, ok := errors.AsType[*transparency.InvalidError](err)
	if !ok {
		return fmt.Errorf("%w: %w", errWrong, err)
	}
	refused, _ := errors.AsType[*transparency.Error](err)
	fmt.Fprintf(out, "  the shop refused: %s %s: %s: %v\n", refused.Op, refused.URI, refused.Reason, where)
	return nil
}
