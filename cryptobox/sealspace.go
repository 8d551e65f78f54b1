package cryptobox

import (
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// sealspace is what one message needs while it is sealed or opened, and the next can use
// again. What was in it is wiped before.
type sealspace struct {
	held   func() *sealspace // itself, hidden from who walks fields by reflection
	record []byte            // serialized
	nonce  [nonceSize]byte   // here, as what is handed to a cipher has to be on the heap

	// Of a record that is sealed.
	cipher suiteCipher
	key    *SuiteKey
	writer codec.Writer

	// Of one that was opened: parts of the record, and places in it.
	reader       codec.StrictReader
	realm, uri   []byte
	args, kwargs int
}

var sealspaces = sync.Pool{New: func() any {
	ws := new(sealspace)
	ws.held = func() *sealspace { return ws }
	return ws
}}

func newSealspace() *sealspace {
	ws, _ := sealspaces.Get().(*sealspace)
	return ws
}

// release wipes ws and keeps it for another. Nothing of it may be in use.
func (ws *sealspace) release() {
	from, to := ws.reader.Shared() // that belongs to who has the values
	clear(ws.record[:from])
	clear(ws.record[to:])
	if to > 0 || cap(ws.record) > maxKept {
		ws.record = nil
	}
	ws.record = ws.record[:0]
	ws.reader.Release()
	ws.cipher, ws.key, ws.realm, ws.uri = nil, nil, nil, nil
	sealspaces.Put(ws)
}

// noCopy has go vet complain of copies: a copy could be released a second time, when the
// sealspace already belongs to another message.
type noCopy struct{}

// Lock makes it look like a mutex to go vet.
func (*noCopy) Lock() {}

// Unlock goes with Lock.
func (*noCopy) Unlock() {}
