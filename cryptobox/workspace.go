package cryptobox

import (
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// workspace is what one foreign record needs while it is sealed or opened, and the next
// can use again. What was in it is wiped before.
type workspace struct {
	plaintext []byte
	writer    foreignWriter
	reader    foreignReader
}

// maxKept is the largest plaintext, in bytes, whose room is kept for the next: those
// beyond take so long to seal that making room doesn't count.
const maxKept = 2 << 20

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

func newWorkspace() *workspace {
	ws, _ := workspaces.Get().(*workspace)
	return ws
}

// release wipes ws and keeps it for another. Nothing of it may be in use.
func (ws *workspace) release() {
	clear(ws.plaintext)
	ws.plaintext = ws.plaintext[:0]
	if cap(ws.plaintext) > maxKept {
		ws.plaintext = nil
	}
	workspaces.Put(ws)
}

// roomFor estimates the size of a serialized record by its largest parts, so that
// little has to be moved while it grows.
func roomFor(f codec.Format, rec *foreignContent) int {
	size := 512
	for _, v := range rec.Args {
		size += sizeOf(v)
	}
	for _, v := range rec.Kwargs {
		size += sizeOf(v)
	}
	if f == codec.FormatJSON {
		size += size / 3 // base64
	}
	return min(size, MaxPayload)
}

func sizeOf(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	}
	return 8
}
