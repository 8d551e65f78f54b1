package cryptobox

import (
	"math"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// read scans the whole record and fills the head. Values are not built yet.
func (ws *sealspace) read(h *Head) error {
	r := &ws.reader
	r.Reset(ws.record())
	n, ok := r.Head()
	if !ok || (n != items && n != itemsPadded) || !ws.readHead(h) {
		return errRecord
	}
	var err error
	if ws.args, err = r.ScanList(1); err != nil {
		return err
	}
	if ws.kwargs, err = r.ScanMap(1); err != nil {
		return err
	}
	if n == itemsPadded && !r.Padding() {
		return errRecord
	}
	if !r.End() {
		return errRecord
	}
	return nil
}

// readHead reads what stands before args, and reports whether it may be that.
func (ws *sealspace) readHead(h *Head) bool {
	r := &ws.reader
	kind, ok := r.Uint()
	if !ok || kind > math.MaxUint8 || !Kind(kind).known() {
		return false
	}
	h.Kind = Kind(kind)
	if ws.realm, ok = r.Text(); !ok || (len(ws.realm) == 0) != (h.Kind == KindRefusal) {
		return false
	}
	if ws.uri, ok = r.Text(); !ok || (len(ws.uri) == 0) != (h.Kind == KindRefusal) {
		return false
	}
	return readFrom(r, h) && readCounters(r, h) && readRe(r, h) && readSeq(r, h) && readFlags(r, h)
}

func readFrom(r *codec.StrictReader, h *Head) bool {
	b, ok := r.Bytes()
	if !ok || len(b) != len(h.From) {
		return false
	}
	h.From = SenderID(b)
	return h.From != SenderID{}
}

func readCounters(r *codec.StrictReader, h *Head) bool {
	var ok bool
	if h.N, ok = r.Uint(); !ok || h.N == 0 {
		return false
	}
	ts, ok := r.Uint()
	h.TS = int64(ts)
	return ok && h.TS >= 0
}

func readRe(r *codec.StrictReader, h *Head) bool {
	if r.Null() {
		return true
	}
	b, ok := r.Bytes()
	if !ok || len(b) != tokenSize || h.Kind == KindPublish {
		return false
	}
	h.Re = newToken(b)
	return true
}

func readSeq(r *codec.StrictReader, h *Head) (ok bool) {
	if h.Unnumbered = r.Null(); h.Unnumbered {
		return h.Kind == KindPublish
	}
	h.Seq, ok = r.Uint()
	return ok
}

func readFlags(r *codec.StrictReader, h *Head) bool {
	flags, ok := r.Uint()
	if !ok || flags&^allFlags != 0 || (flags != 0 && h.Kind != KindPublish) {
		return false
	}
	h.Self, h.Keep = flags&flagSelf != 0, flags&flagKeep != 0
	return true
}
