package cryptobox

import (
	"slices"
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// workspace is what one message needs while it is sealed or opened, and the next can
// use again. What was in it is wiped before.
type workspace struct {
	plaintext []byte
	writer    recordWriter
	reader    recordReader
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
func roomFor(s Serializer, rec *content) int {
	size := 512
	for _, v := range rec.Args {
		size += sizeOf(v)
	}
	for _, v := range rec.Kwargs {
		size += sizeOf(v)
	}
	if s == JSON {
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

// encode serializes rec into the workspace.
func (ws *workspace) encode(s Serializer, rec *Record) error {
	if !s.known() {
		return ErrSerializer
	}
	if rec == nil {
		return &ValueError{Path: "record", Why: "it is nil"}
	}
	err := ws.write(s, rec.get())
	if err != nil {
		return err
	}
	if rec.Pad != nil {
		if ws.plaintext, err = s.pad(ws.plaintext, rec.Pad); err != nil {
			return err
		}
	}
	if len(ws.plaintext) > MaxPayload {
		return tooLarge("record beyond MaxPayload")
	}
	return nil
}

// write is encode without padding.
func (ws *workspace) write(s Serializer, rec *content) error {
	ws.writer.Reset(codec.Serializer(s), slices.Grow(ws.plaintext, roomFor(s, rec)))
	// Also after an error, or a panic of a value's own method, there is something to wipe.
	defer func() { ws.plaintext = ws.writer.Release() }()
	if err := ws.writer.record(rec); err != nil {
		return err
	}
	return ws.writer.End()
}

// last is what the record before had: the next mostly has the same, and a router
// knows both.
type last struct{ uri, realm string }

// maxLast is the longest URI or realm, in bytes, that is kept.
const maxLast = 256

// again gives the text that was read last: the one kept, if it is equal.
func (d *recordReader) again(kept *string) (string, error) {
	if *kept == string(d.Item.B) {
		return *kept, nil
	}
	s, err := d.Text()
	if len(s) <= maxLast {
		*kept = s
	}
	return s, err
}

// decode reads a record of which it keeps nothing.
func (ws *workspace) decode(s Serializer, data []byte) (*Record, error) {
	if !s.known() {
		return nil, ErrSerializer
	}
	if len(data) > MaxPayload {
		return nil, tooLarge("record beyond MaxPayload")
	}
	ws.reader.Reset(codec.Serializer(s), data)
	defer ws.reader.Release()
	return ws.reader.record()
}
