// Package passby has the messages of the key service pass the ring of a Session by. They are
// what brings the ring its keys, and are signed and encrypted themselves. So they go and come in
// plain, under URIs that the ring reserves ([keyring.Ring.Reserve]). It is for this module's own
// packages: what an application asks for is always as its ring says.
package passby

import (
	"maps"

	"github.com/gammazero/nexus/v3/wamp"
)

// The procedure and the topic of a key service, behind its prefix.
const (
	Get     = "keyring.get"
	Changed = "keyring.changed"
)

// option is what says it. Sessions refuse options that begin so, but for this one.
const option = "enc_pass_by"

// Pass is the option's value.
type Pass struct{ prefix string }

// Mark is embedded by what knows the option.
type Mark struct{}

func (Mark) takesPass() {}

// Options gives the options with which a client publishes, subscribes, calls or registers what
// is [Get] or [Changed] behind the prefix. They are the caller's to add to. Of a client that has
// no ring they are empty.
func Options(client any, prefix string) wamp.Dict {
	if _, has := client.(interface{ takesPass() }); !has {
		return wamp.Dict{}
	}
	return wamp.Dict{option: Pass{prefix}}
}

// Of gives what options say.
func Of(options wamp.Dict) (p Pass, given bool) {
	p, given = options[option].(Pass)
	return p, given
}

// Takes tells whether messages of a URI may pass.
func (p Pass) Takes(uri string) bool { return uri == p.prefix+Get || uri == p.prefix+Changed }

// Without gives a copy of options without it.
func Without(options wamp.Dict) wamp.Dict {
	options = maps.Clone(options)
	delete(options, option)
	return options
}
