// Package rings measures what stands between a message and its key, and a message and
// its handler: lookups on large keyrings, opening on several cores, and a receiver that
// knows many senders.
package rings

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// filled is a keyring with so many patterns of one kind, and URIs to look up.
type filled struct {
	ring     *keyring.Ring
	match    keyring.Match
	key      keyring.Key
	patterns []string
	uris     []string // one that each pattern matches, in random order
	next     int      // of the URIs to look up
}

// fill makes a keyring. Its patterns are those of a system with many devices, whose
// names are as long as such names are.
func fill(match keyring.Match, n int) (*filled, error) {
	f := &filled{ring: keyring.New(), match: match, key: keyring.Both(cryptobox.GenerateKey())}
	for i := range n {
		pattern, uri := names(match, i)
		f.patterns = append(f.patterns, pattern)
		f.uris = append(f.uris, uri)
		if err := f.ring.Set(pattern, match, f.key); err != nil {
			return nil, err
		}
	}
	shuffle := rand.New(rand.NewPCG(1, 2))
	shuffle.Shuffle(n, func(i, j int) { f.uris[i], f.uris[j] = f.uris[j], f.uris[i] })
	f.uris = together(f.uris)
	return f, nil
}

// together copies strings to one place, one behind the other. A URI that was just
// received is in the processor's cache; so are these when their turn comes, and they
// share nothing with the patterns.
func together(all []string) []string {
	var text strings.Builder
	for _, s := range all {
		text.WriteString(s)
	}
	place, moved := text.String(), make([]string, len(all))
	for i, s := range all {
		moved[i], place = place[:len(s)], place[len(s):]
	}
	return moved
}

// names gives the pattern of that number and a URI that it matches.
func names(match keyring.Match, i int) (pattern, uri string) {
	// Multiplied by a prime, so that neighbours don't follow each other.
	device := fmt.Sprintf("%08x", uint32(i)*2654435761)
	uri = "com.example.device." + device + ".state"
	switch match {
	case keyring.Prefix:
		return "com.example.device." + device + ".", uri
	case keyring.Wildcard:
		return "com.example.device." + device + ".", uri
	}
	return uri, uri
}
