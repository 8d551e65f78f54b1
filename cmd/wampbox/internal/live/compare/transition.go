package compare

import (
	"fmt"
	"time"
)

// skew is by how much clocks may differ, as transparency.WithClockSkew has it by default.
const skew = 30 * time.Second

// What plaintext a pattern in transition lets through.
const (
	sendPlain   = "send"
	acceptPlain = "accept"
)

// plaintextAt gives what a transition lets through at a moment, nothing where there is
// none any more.
func (p Pattern) plaintextAt(t time.Time) string {
	if t.Before(p.Until) {
		return p.Plaintext
	}
	return ""
}

// transition compares which plaintext the ends let through.
func (r *report) transition(a, b side, now time.Time) {
	for _, s := range []side{a, b} {
		if s.Plaintext != "" && s.plaintextAt(now) == "" {
			r.add(Warning, Transition, s.parsed, "", fmt.Sprintf("the transition of %s ended at %s", s.name, date(s.Until)),
				"take \"plaintext\" and \"until\" out of its file")
		}
	}
	switch ours, peers := a.plaintextAt(now), b.plaintextAt(now); {
	case ours == sendPlain && peers != sendPlain:
		r.sendsPlain(a, b, peers)
	case peers == sendPlain && ours != sendPlain:
		r.sendsPlain(b, a, ours)
	case ours == sendPlain:
		r.add(Warning, Transition, a.parsed, "", fmt.Sprintf("both ends send plain, %s until %s, %s until %s", a.name, date(a.Until), b.name, date(b.Until)),
			"where all ends do, go on: \"plaintext\": \"accept\", one process at a time")
	case ours == acceptPlain, peers == acceptPlain:
		r.add(Warning, Transition, a.parsed, "", "both ends seal, and plaintext is still taken, so that a router can make up calls",
			"where no end sends plain any more, take \"plaintext\" and \"until\" out")
	}
}

// sendsPlain compares an end that sends plain with one that doesn't.
func (r *report) sendsPlain(plain, other side, others string) {
	switch {
	case others == "":
		r.add(Error, Transition, plain.parsed, "", fmt.Sprintf("%s sends plain until %s, and %s refuses that", plain.name, date(plain.Until), other.name),
			fmt.Sprintf("give %s \"plaintext\": \"accept\" with a later date, or end the transition of %s", other.name, plain.name))
	case other.Until.Before(plain.Until.Add(skew)):
		r.add(Error, Transition, plain.parsed, "", fmt.Sprintf("%s sends plain until %s, and %s takes it only until %s", plain.name, date(plain.Until), other.name, date(other.Until)),
			fmt.Sprintf("give %s a date that is at least %v later than that of %s", other.name, skew, plain.name))
	default:
		r.add(Warning, Transition, plain.parsed, "", fmt.Sprintf("%s sends plain until %s", plain.name, date(plain.Until)),
			fmt.Sprintf("go on with \"plaintext\": \"accept\" at %s before that", plain.name))
	}
}
