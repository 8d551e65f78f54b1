package telemetry

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// labels are the attributes of a series beside the name of its source. What is zero isn't there.
type labels struct {
	pair
	dialect, suite, kind string
	reason, state, lease string
}

// pair is a pattern and a key of it. Both are the ring's.
type pair struct {
	pattern keyring.Pattern
	key     string
}

// others stands for all pairs that have no series of their own.
var others = pair{pattern: keyring.Pattern{URI: "other"}}

// sealedBy gives labels of how a message is sealed. In the foreign dialects there is no suite.
func sealedBy(of pair, d cryptobox.Dialect, s cryptobox.Suite) labels {
	l := labels{pair: of, dialect: d.String(), suite: "none"}
	if s != 0 {
		l.suite = s.String()
	}
	return l
}

func (l labels) set(name attribute.KeyValue) attribute.Set {
	all := append(make([]attribute.KeyValue, 0, 8), name)
	for _, label := range []struct{ key, value string }{
		{"wampbox.pattern", l.pattern.URI}, {"wampbox.match", l.match()}, {"wampbox.key.id", l.key},
		{"wampbox.dialect", l.dialect}, {"wampbox.suite", l.suite}, {"wampbox.kind", l.kind},
		{"wampbox.reason", l.reason}, {"wampbox.state", l.state}, {"wampbox.lease", l.lease},
	} {
		if label.value != "" || label.key == "wampbox.pattern" && l.pattern.Match != 0 { // the default is ""
			all = append(all, attribute.String(label.key, label.value))
		}
	}
	return attribute.NewSet(all...)
}

func (p pair) match() string {
	switch {
	case p == others:
		return p.pattern.URI
	case p.pattern.Match == 0:
		return ""
	}
	return p.pattern.Match.String()
}
