package lint

import (
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// longTransition is longer than a switch-over should take.
const longTransition = 31 * 24 * time.Hour

// skew is what clocks of peers may differ by.
const skew = 30 * time.Second

// transition looks at what an entry lets through in plain, and until when.
func (r *report) transition(e *entry) {
	if e.Plaintext == 0 {
		return
	}
	does := "takes plaintext, and answers plain calls in plain,"
	if e.Plaintext == keyring.SendPlain {
		does = "sends and takes plaintext"
	}
	switch left := e.Until.Sub(r.now); {
	case left < 0:
		r.add(e, Transition, "its date, %s, has passed, and it is sealed: take \"plaintext\" and \"until\" out", moment(e.Until))
	case left > longTransition:
		r.add(e, Transition, "it %s until %s: that is long; give the day on which all peers will seal", does, moment(e.Until))
	default:
		r.addAs(Note, e, Transition, fmt.Sprintf("it %s until %s", does, moment(e.Until)))
	}
}

// lets tells whether the entry lets plaintext through now.
func (x at) lets() bool { return x.e.Plaintext != 0 && x.e.Until.After(x.r.now) }

// transitions looks at what two files let through for the same pattern.
func transitions(a, b at) {
	for _, pair := range [][2]at{{a, b}, {b, a}} {
		sends, takes := pair[0], pair[1]
		switch {
		case !sends.lets() || sends.e.Plaintext != keyring.SendPlain:
		case !takes.lets():
			takes.r.add(takes.e, Transition, "%s sends plaintext until %s, which is refused here: have this one accept it until then, and %v longer",
				sends.r.path, moment(sends.e.Until), skew)
		case takes.e.Plaintext == keyring.AcceptPlain && takes.e.Until.Before(sends.e.Until.Add(skew)):
			takes.r.add(takes.e, Transition, "it accepts plaintext until %s, and %s sends it until %s: make it outlast that by %v",
				moment(takes.e.Until), sends.r.path, moment(sends.e.Until), skew)
		}
	}
}
