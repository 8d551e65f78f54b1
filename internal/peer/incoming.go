package peer

import (
	"maps"
	"slices"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// receive hands a message of the router to the client, if it may have it. It
// returns false when the connection has ended.
func (p *Peer) receive(msg wamp.Message, size int) bool {
	msg, env := p.take(msg)
	v, ok := p.admit(msg, size)
	if !ok {
		return false
	}
	if v.err != nil && p.cfg.Report != nil {
		p.cfg.Report(&Violation{Message: msg.MessageType(), Err: v.err})
	}
	if v.answer != nil {
		return p.answer(v.answer)
	}
	if v.msg == nil {
		return true
	}
	if in, first := v.msg.(*wamp.Invocation); first && env != nil {
		p.guard.keepEnvelope(in.Request, env)
	}
	if v.ready != nil && !p.await(v.ready) {
		// Of an invocation the client tells the caller that it has no handler.
		if _, call := v.msg.(*wamp.Invocation); !call {
			return true
		}
	}
	if v.reply != nil {
		return p.handOver(v)
	}
	return p.deliver(v.msg, nil)
}

// admit asks the guard, and waits where it says so.
func (p *Peer) admit(msg wamp.Message, size int) (v verdict, ok bool) {
	var patience <-chan time.Time
	for {
		v = p.guard.receive(msg, size)
		if v.room == nil {
			return v, true
		}
		if v.urgent && patience == nil {
			timer := time.NewTimer(p.guard.timeout)
			defer timer.Stop()
			patience = timer.C
		}
		select {
		case <-v.room:
		case <-patience:
			return p.guard.flooded(msg, size), true
		case <-p.closed:
			return verdict{}, false
		}
	}
}

// take puts in place of a framed payload the envelope that it holds, or a refusal,
// and leaves nothing in the details that is a framing's: the client takes apart
// what it finds there.
func (p *Peer) take(msg wamp.Message) (wamp.Message, *cryptobox.Envelope) {
	part, ok := wire.PartOf(msg)
	if !ok {
		return msg, nil
	}
	if in, ok := msg.(*wamp.Invocation); ok {
		part.First = p.guard.firstEnvelope(in.Request)
	}
	env, err := p.envelope(part)
	switch {
	case err != nil:
		wire.Refuse(part, err)
	case env != nil:
		wire.Carry(part, env)
	}
	part.Dict = withoutReserved(part.Dict)
	return part.In(msg), env
}

func (p *Peer) envelope(part *wire.Part) (*cryptobox.Envelope, error) {
	if p.link.IsLocal() {
		if err := wire.Foreign(part.Args); err != nil {
			return nil, err
		}
	} else if _, err := wire.Carried(part); err != nil {
		return nil, err // it could not be read
	}
	env, err := p.cfg.Framing.Take(part)
	if env != nil && p.link.IsLocal() {
		// Others have it too, and could change it between the moment it is
		// authenticated and that it is read.
		env.Payload = slices.Clone(env.Payload)
	}
	return env, err
}

func withoutReserved(details wamp.Dict) wamp.Dict {
	if _, found := wire.ReservedIn(details); !found {
		return details
	}
	clean := maps.Clone(details)
	maps.DeleteFunc(clean, func(name string, _ any) bool { return wire.Reserved(name) })
	return clean
}
