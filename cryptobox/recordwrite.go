package cryptobox

import (
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
)

// The elements of a record.
const (
	items       = 11
	itemsPadded = items + 1
)

// padHead stands before the padding bytes, whose number its last four bytes tell. It has
// the same size for any number, so that every size can be met.
const padHead = "\x5a\x00\x00\x00\x00"

// record is what is serialized.
func (ws *sealspace) record() []byte { return ws.sealed[ws.front:] }

// size is the record's.
func (ws *sealspace) size() int { return len(ws.sealed) - ws.front }

// check refuses what can't be written.
func (h *Head) check(c *content) error {
	refusal, publish := h.Kind == KindRefusal, h.Kind == KindPublish
	var field, why string
	switch {
	case !h.Kind.known():
		field, why = "kind", "not a known kind"
	case (c.realm == "") != refusal:
		field, why = "realm", "empty, or not empty on a refusal"
	case (c.uri == "") != refusal:
		field, why = "uri", "empty, or not empty on a refusal"
	case !utf8.ValidString(c.realm):
		field, why = "realm", "not valid UTF-8"
	case !utf8.ValidString(c.uri):
		field, why = "uri", "not valid UTF-8"
	case h.From == SenderID{}:
		field, why = "from", "no sender: use NewSenderID"
	case h.N == 0:
		field, why = "n", "counters begin at 1"
	case h.TS < 0:
		field, why = "ts", "before 1970: set the clock"
	case publish && !h.Re.IsZero():
		field, why = "re", "a publish answers nothing"
	case h.Unnumbered && !publish:
		field, why = "seq", "only a publish may be without"
	case (h.Self || h.Keep) && !publish:
		field, why = "flags", "only a publish has self and keep"
	default:
		return nil
	}
	return &codec.ValueError{Path: field, Why: why}
}

// encode writes rec into ws.
func (ws *sealspace) encode(rec *Record) error {
	if rec == nil {
		return &codec.ValueError{Path: "record", Why: "it is nil"}
	}
	c := rec.get()
	if err := rec.Head.check(&c); err != nil {
		return err
	}
	if err := ws.write(&rec.Head, &c, rec.Form); err != nil {
		return err
	}
	if rec.Pad != nil {
		if err := ws.pad(rec.Pad); err != nil {
			return err
		}
	}
	if ws.size() > codec.MaxBytes {
		return errRecordSize
	}
	return nil
}

// write is encode without padding and what was checked.
func (ws *sealspace) write(h *Head, c *content, form codec.Form) error {
	w := &ws.writer
	ws.sealed = append(ws.sealed[:0], make([]byte, ws.front)...)
	w.ResetStrict(appendHead(ws.sealed, h, c), ws.front)
	// Also after an error, or a panic of form, there is something to wipe.
	defer func() { ws.sealed = w.Release() }()
	if err := w.List(c.args, 1, form); err != nil {
		return codec.At("args", err)
	}
	if err := w.Map(c.kwargs, 1, form); err != nil {
		return codec.At("kwargs", err)
	}
	return w.End()
}

// appendHead appends all that stands before args.
func appendHead(dst []byte, h *Head, c *content) []byte {
	dst = codec.AppendCBORList(dst, items)
	dst = codec.AppendCBORUint(dst, uint64(h.Kind))
	dst = codec.AppendCBORText(dst, c.realm)
	dst = codec.AppendCBORText(dst, c.uri)
	dst = codec.AppendCBORBytes(dst, h.From[:])
	dst = codec.AppendCBORUint(dst, h.N)
	dst = codec.AppendCBORUint(dst, uint64(h.TS))
	if h.Re.IsZero() {
		dst = codec.AppendCBORNull(dst)
	} else {
		re := h.Re.bytes()
		dst = codec.AppendCBORBytes(dst, re[:])
	}
	if h.Unnumbered {
		dst = codec.AppendCBORNull(dst)
	} else {
		dst = codec.AppendCBORUint(dst, h.Seq)
	}
	return codec.AppendCBORUint(dst, h.flags())
}

// pad appends a twelfth element, of as many bytes as size asks for.
func (ws *sealspace) pad(size func(int) int) error {
	least, want := ws.size()+len(padHead), 0
	if err := shield.Run("padding", func() { want = size(least) }); err != nil {
		return fmt.Errorf("%w: %w", ErrPadding, err)
	}
	if want < least {
		return fmt.Errorf("%w: it asks for %d bytes where %d are needed", ErrPadding, want, least)
	}
	// What could be sealed without padding still can be.
	want = min(want, max(codec.MaxBytes, least))
	sealed := append(slices.Grow(ws.sealed, want-ws.size()), padHead...)
	sealed[ws.front]++ // the number of elements
	binary.BigEndian.PutUint32(sealed[len(sealed)-4:], uint32(want-least))
	ws.sealed = append(sealed, make([]byte, want-least)...)
	return nil
}
