package attacks_test

import (
	"testing"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestHostileDelay: a router can hold back what it likes as long as WithMaxAge says,
// and no longer.
func TestHostileDelay(t *testing.T) {
	const maxAge = 8 * time.Second // more than a busy machine delays
	delaying := func(d time.Duration) func(*proxy.Message) {
		return func(*proxy.Message) { time.Sleep(d) }
	}
	attack(t, func(_ *testing.T, th *theatre) {
		for _, k := range []payloadKind{payloadKinds[0], payloadKinds[1], payloadKinds[3]} {
			th.doing = k.String()
			k.change(th, delaying(maxAge/80))
			k.passes(th)
			k.refuses(th, transparency.Stale, delaying(maxAge+10*time.Millisecond))
		}
	}, transparency.WithMaxAge(maxAge))
}
