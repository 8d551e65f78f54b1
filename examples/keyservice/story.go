package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
)

// What it is about.
const (
	realm     = "realm1"
	prefix    = "com.myapp.orders."
	procedure = prefix + "place"
	topic     = prefix + "placed"
)

// stage is what runs.
type stage struct {
	timing
	dir, tool string
	url       string // of the router
	key       string // of the authority, which members pin
	processes []*process
	server    *process
	shop      *process
	desk      *process
	archive   *process
	cost      loss // of the revocation
}

// play tells the story, a chapter a function.
func (s *stage) play(ctx context.Context) error {
	for _, chapter := range []func(context.Context) error{s.enrol, s.start, s.rotate, s.revoke, s.leave, s.count} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

// enrol has members make their identities, and the operator an authority that knows them.
func (s *stage) enrol(ctx context.Context) error {
	title("Three members make their identities. Only a line of each goes to the operator.")
	if _, err := s.wampbox(ctx, "identity", "shop", "desk", "archive"); err != nil {
		return err
	}
	title("The operator makes an authority. It enrols the members, and says who holds what.")
	said, err := s.wampbox(ctx, "authority", "init", "-suite", "signed",
		"-originator", "shop.enrolment", "-responder", "desk.enrolment", "-reader", "archive.enrolment", prefix)
	s.key = strings.TrimSpace(said)
	return err
}

// start has the members get their first keys and use them.
func (s *stage) start(ctx context.Context) (err error) {
	title("A router and a server of the keys. Neither can read or forge what it carries.")
	router, err := s.run(ctx, "router", s.own("-part", "router"))
	if err != nil {
		return err
	}
	if s.url, err = router.await(ctx, "at "); err != nil {
		return err
	}
	if err := s.serve(ctx); err != nil {
		return err
	}
	title("The members get their keys through the router, and begin.")
	for _, m := range []struct {
		name string
		to   **process
	}{{"archive", &s.archive}, {"desk", &s.desk}, {"shop", &s.shop}} { // those who are called come first
		*m.to, err = s.run(ctx, m.name, s.own("-part", "member", "-name", m.name, "-router", s.url, "-authority", s.key,
			"-identity", s.path(m.name+".identity"), "-cache", s.path(m.name+".cache"), "-every", s.every.String()))
		if err != nil {
			return err
		}
		if _, err := (*m.to).await(ctx, "ready"); err != nil {
			return err
		}
	}
	return s.watch(ctx, "first messages", func(all tallies) bool { return all.shop.Answered > 100 && all.archive.Received > 100 })
}

// rotate changes the key under load.
func (s *stage) rotate(ctx context.Context) error {
	title("The operator rotates the key. From the date on all seal with the new one, each by its clock.")
	id, err := s.wampbox(ctx, "authority", "rotate", prefix, "-activate", s.lead.String(), "-retire", "1m")
	if err != nil {
		return err
	}
	if _, err := s.wampbox(ctx, "authority", "issue"); err != nil {
		return err
	}
	id = strings.TrimSpace(id)
	for _, p := range []*process{s.shop, s.desk, s.archive} {
		if _, err := p.await(ctx, "key "+id+" pending"); err != nil {
			return err
		}
	}
	title("All three have it, before it seals. The operator sees that by what they acknowledged.")
	if err := s.acknowledged(ctx); err != nil {
		return err
	}
	err = s.watch(ctx, "messages under the new key", func(all tallies) bool {
		return all.desk.ByKey[id] > 100 && all.archive.ByKey[id] > 50
	})
	if err != nil {
		return err
	}
	lost, err := s.lost(ctx)
	if err != nil || lost != (loss{}) {
		return cmp.Or(err, fmt.Errorf("the rotation lost %v", lost))
	}
	fmt.Println("The rotation lost nothing.")
	return nil
}

// acknowledged takes the receipts in until all have sent theirs, and shows the status.
func (s *stage) acknowledged(ctx context.Context) error {
	time.Sleep(2 * time.Second) // members tell what they hold within a second or so
	if _, err := s.wampbox(ctx, "authority", "collect"); err != nil {
		return err
	}
	_, err := s.wampbox(ctx, "authority", "status")
	return err
}

// revoke takes a member's rights away while all runs. Between two members of whom one has the new
// key already and the other one hasn't, messages are refused: it waits for nobody.
func (s *stage) revoke(ctx context.Context) error {
	title("The archive's machine was stolen. The operator revokes it, and waits for nobody.")
	if _, err := s.wampbox(ctx, "authority", "revoke", "archive"); err != nil {
		return err
	}
	if _, err := s.wampbox(ctx, "authority", "issue"); err != nil {
		return err
	}
	for _, p := range []*process{s.shop, s.desk} {
		if _, err := p.await(ctx, "revoked"); err != nil {
			return err
		}
	}
	var err error
	if s.cost, err = s.lost(ctx); err != nil {
		return err
	}
	before, err := s.tallies(ctx)
	if err != nil {
		return err
	}
	if err := s.watch(ctx, "messages without the archive", func(all tallies) bool { return all.desk.Received > before.desk.Received+200 }); err != nil {
		return err
	}
	after, err := s.tallies(ctx)
	if err != nil {
		return err
	}
	if after.archive.Received != before.archive.Received {
		return fmt.Errorf("the archive still reads: %d events more", after.archive.Received-before.archive.Received)
	}
	fmt.Printf("The archive reads nothing any more: %d events were refused there.\n"+
		"Until shop and desk both had the new key, %v between them were refused.\n", after.archive.Refused, s.cost)
	return nil
}

// leave takes the server away for a while.
func (s *stage) leave(ctx context.Context) error {
	title("The server is gone. Members go on with the keys that they have, and say that these grow stale.")
	s.server.end()
	before, err := s.tallies(ctx)
	if err != nil {
		return err
	}
	if _, err := s.desk.await(ctx, "stale"); err != nil {
		return err
	}
	if err := s.watch(ctx, "messages without a server", func(all tallies) bool { return all.shop.Answered > before.shop.Answered+100 }); err != nil {
		return err
	}
	select {
	case <-time.After(s.away):
	case <-ctx.Done():
		return ctx.Err()
	}
	title("The server is back, and the next rotation reaches all.")
	if err := s.serve(ctx); err != nil {
		return err
	}
	return s.rotateAgain(ctx)
}

// rotateAgain shows that what the server hands out arrives again.
func (s *stage) rotateAgain(ctx context.Context) error {
	id, err := s.wampbox(ctx, "authority", "rotate", prefix, "-activate", s.lead.String(), "-retire", "1m")
	if err != nil {
		return err
	}
	if _, err := s.wampbox(ctx, "authority", "issue"); err != nil {
		return err
	}
	return s.watch(ctx, "messages under the third key", func(all tallies) bool { return all.desk.ByKey[strings.TrimSpace(id)] > 100 })
}

// count adds up.
func (s *stage) count(ctx context.Context) error {
	title("All is counted.")
	lost, err := s.lost(ctx)
	if err != nil {
		return err
	}
	all, err := s.tallies(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("shop: %d calls, %d answered, %d events published\ndesk: %d calls served, %d events received\n",
		all.shop.Called, all.shop.Answered, all.shop.Published, all.desk.Served, all.desk.Received)
	if lost != s.cost {
		return fmt.Errorf("%v were lost, and the revocation had %v refused", lost, s.cost)
	}
	fmt.Println("But for those that the revocation had refused, none was lost.")
	return nil
}

// loss is what didn't arrive.
type loss struct{ calls, events uint64 }

func (l loss) String() string { return fmt.Sprintf("%d calls and %d events", l.calls, l.events) }

// lost counts what the shop sent and the desk didn't get, while the shop pauses.
func (s *stage) lost(ctx context.Context) (l loss, err error) {
	if err := s.shop.tell("pause"); err != nil {
		return l, err
	}
	if _, err := s.shop.await(ctx, "paused"); err != nil {
		return l, err
	}
	time.Sleep(time.Second) // for events that are under way
	all, err := s.tallies(ctx)
	if err != nil {
		return l, err
	}
	l = loss{all.shop.Called - all.shop.Answered, all.shop.Published - all.desk.Received}
	return l, s.shop.tell("go on")
}

// title begins a chapter.
func title(text string) { fmt.Printf("\n== %s\n", text) }
