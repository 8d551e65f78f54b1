package cryptobox

import (
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// sealspace is what one message needs while it is sealed or opened, and the next can use
// again. What was in it is wiped before.
type sealspace struct {
	held func() *sealspace // itself, hidden from who walks fields by reflection
	// sealed is what is sealed: what the suite puts in front, and the record, serialized,
	// which begins at front.
	sealed []byte
	front  int
	nonce  [nonceSize]byte // here, as what is handed to a cipher has to be on the heap
	token  Token

	// Of a record that is sealed.
	cipher  suiteCipher
	key     *SuiteKey
	writer  codec.Writer
	scratch []byte // of what is signed
	ahead   bool   // sealed is sealed
	// encapsulated is the key that a message of suites 4 and 5 has in clear.
	encapsulated []byte

	context *sealContext // of a message of suites 4 and 5 that is sealed or was opened

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
	if to > 0 {
		from, to = from+ws.front, to+ws.front
	}
	clear(ws.sealed[:from])
	clear(ws.sealed[to:])
	if to > 0 || cap(ws.sealed) > maxKept {
		ws.sealed = nil
	}
	ws.sealed, ws.front, ws.ahead, ws.token = ws.sealed[:0], 0, false, Token{}
	ws.reader.Release()
	ws.cipher, ws.key, ws.encapsulated, ws.context, ws.realm, ws.uri = nil, nil, nil, nil, nil, nil
	sealspaces.Put(ws)
}

// noCopy has go vet complain of copies: a copy could be released a second time, when the
// sealspace already belongs to another message.
type noCopy struct{}

// Lock makes it look like a mutex to go vet.
func (*noCopy) Lock() {}

// Unlock goes with Lock.
func (*noCopy) Unlock() {}
