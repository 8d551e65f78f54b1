package replay

import (
	"math"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/fair"
)

// Bounds of what a Memory keeps of signed messages.
const (
	// MaxOfSigner senders of a signer are known at a time, in a scope and under a key.
	MaxOfSigner = 256
	// MaxSignedBytes is about what is kept of all signers.
	MaxSignedBytes = 64_000_000
)

// About what a signer takes beside its name, and one of its rooms beside the name of the
// scope: measured as senderBytes is.
const (
	signerBytes = 150
	roomBytes   = 210
)

// signers keeps the senders of each signer apart, so that none can have a message of another
// be refused: it fills its own rooms, and raises its own floors.
type signers struct {
	maxSenders int
	maxBytes   int

	named   map[string]*signer
	rooms   map[roomName]*room
	senders map[roomSender]*sender
	order   list[signer, *signer]
	most    fair.Heap[*signer]
	bytes   int
	floor   int64 // of all signers that are not held
}

// signer is one, with its bytes as the share.
type signer struct {
	fair.Share
	links[signer]
	name  string
	rooms list[room, *room]
	floor int64 // of its rooms that are not held
	age   int64 // how old a message may be
}

// room is the senders of a signer under a key in a scope.
type room struct {
	links[room]
	name    roomName
	senders list[sender, *sender]
	floor   int64 // what isn't newer may have been forgotten
	age     int64
}

type roomName struct {
	scope, key string
	of         *signer
}

type roomSender struct {
	room *room
	from cryptobox.SenderID
}

func newSigners(maxSenders, maxBytes int) signers {
	return signers{
		maxSenders: maxSenders,
		maxBytes:   maxBytes,
		named:      map[string]*signer{},
		rooms:      map[roomName]*room{},
		senders:    map[roomSender]*sender{},
		floor:      math.MinInt64,
	}
}

// add is [Memory.Add] of a message that is signed.
func (all *signers) add(msg *Message, now int64) Verdict {
	r := all.room(msg)
	s, heard := all.senders[roomSender{r, msg.From}]
	if !heard {
		s = &sender{id: senderID{from: msg.From}, floor: r.floor, newest: msg.Sent}
	}
	if msg.Sent <= s.floor {
		msg.Floor = s.floor
		return Stale
	}
	if !heard {
		all.join(r, s)
	}
	of, before := r.name.of, s.window.size()
	if !s.window.add(msg.N) {
		return Seen
	}
	all.resize(of, s.window.size()-before)
	s.newest = max(s.newest, msg.Sent)
	r.age = max(r.age, msg.Expires-msg.Sent)
	of.age = max(of.age, r.age)
	r.senders.touch(s)
	of.rooms.touch(r)
	all.order.touch(of)
	all.shrink(r, now)
	return New
}

// room returns that of a message, or a new one that isn't held yet; so may its signer be.
func (all *signers) room(msg *Message) *room {
	of, known := all.named[msg.Signer]
	if !known {
		of = &signer{name: msg.Signer, floor: all.floor}
	}
	name := roomName{msg.Scope, msg.Key, of}
	if r, known := all.rooms[name]; known {
		return r
	}
	return &room{name: name, floor: of.floor}
}

// join holds a sender, and its room and signer where they aren't yet.
func (all *signers) join(r *room, s *sender) {
	of := r.name.of
	if all.named[of.name] == nil {
		of.name = strings.Clone(of.name) // which may be part of something long
		all.named[of.name] = of
		all.order.push(of)
		all.most.Add(of)
		all.resize(of, of.bytes())
	}
	if all.rooms[r.name] == nil {
		all.rooms[r.name] = r
		of.rooms.push(r)
		all.resize(of, r.bytes())
	}
	all.senders[roomSender{r, s.id.from}] = s
	r.senders.push(s)
	all.resize(of, senderBytes)
}

// bytes is about how many a signer takes, beside its rooms.
func (of *signer) bytes() int { return signerBytes + len(of.name) }

// bytes is about how many a room takes, beside its senders.
func (r *room) bytes() int { return roomBytes + len(r.name.scope) }

func (all *signers) resize(of *signer, by int) {
	all.bytes += by
	all.most.Resize(of, by)
}

// shrink forgets who can be forgotten, and who has to be, after a room had a message.
func (all *signers) shrink(r *room, now int64) {
	of := r.name.of
	if r.senders.len > MaxOfSigner {
		all.forget(r)
	}
	all.expireSenders(r, now)
	all.expire(of, now)
	for of = all.order.oldest(); of != nil && all.expire(of, now); {
		of = all.order.oldest()
	}
	for len(all.senders) > all.maxSenders || all.bytes > all.maxBytes {
		all.giveWay(all.most.Most())
	}
}

// expire forgets what a signer sent that is too old anyhow, from the room on that was silent
// longest. It reports whether that was all, and the signer isn't held any more.
func (all *signers) expire(of *signer, now int64) bool {
	for r := of.rooms.oldest(); r != nil; r = of.rooms.oldest() {
		all.expireSenders(r, now)
		if r.senders.len > 0 || r.floor >= now-r.age {
			return false
		}
		all.drop(r)
	}
	if of.floor >= now-of.age {
		return false
	}
	all.dropSigner(of)
	return true
}

func (all *signers) expireSenders(r *room, now int64) {
	for s := r.senders.oldest(); s != nil && s.newest+r.age < now; s = r.senders.oldest() {
		all.forget(r)
	}
}

// giveWay has a signer forget something: the sender that was silent longest in the room
// that was, or the room, or the signer, of which a floor is left.
func (all *signers) giveWay(of *signer) {
	switch r := of.rooms.oldest(); {
	case r == nil:
		all.dropSigner(of)
	case r.senders.len == 0:
		all.drop(r)
	default:
		all.forget(r)
	}
}

// forget forgets the sender of a room that was silent longest. Either way of forgetting
// raises the floor, as in a group.
func (all *signers) forget(r *room) {
	s := r.senders.oldest()
	r.senders.remove(s)
	delete(all.senders, roomSender{r, s.id.from})
	r.floor = max(r.floor, s.newest)
	all.resize(r.name.of, -senderBytes-s.window.size())
}

// drop forgets a room that nobody is in. Its floor becomes that of all others of the signer
// that aren't held.
func (all *signers) drop(r *room) {
	of := r.name.of
	of.rooms.remove(r)
	delete(all.rooms, r.name)
	of.floor = max(of.floor, r.floor)
	all.resize(of, -r.bytes())
}

// dropSigner forgets a signer that has no room. Its floor becomes that of all others that
// aren't held.
func (all *signers) dropSigner(of *signer) {
	all.resize(of, -of.bytes())
	all.order.remove(of)
	all.most.Remove(of)
	delete(all.named, of.name)
	all.floor = max(all.floor, of.floor)
}
