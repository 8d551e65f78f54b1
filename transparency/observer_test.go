package transparency_test

import (
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// observer keeps what it is told.
type observer struct {
	mu             sync.Mutex
	sealed, opened []transparency.Observation
}

func (o *observer) Sealed(of transparency.Observation) { o.keep(&o.sealed, of) }
func (o *observer) Opened(of transparency.Observation) { o.keep(&o.opened, of) }

func (o *observer) keep(in *[]transparency.Observation, of transparency.Observation) {
	o.mu.Lock()
	defer o.mu.Unlock()
	*in = append(*in, of)
}
