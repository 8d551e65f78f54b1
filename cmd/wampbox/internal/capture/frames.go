package capture

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"slices"
)

// rawSocket takes the messages out of the frames of RawSocket: a byte for the type and three
// for the size. Batches in binary are alike, with four for the size.
func (f *finder) rawSocket(data []byte) bool {
	const handshake, magic = 4, 0x7f
	rest := data
	if len(rest) >= handshake && rest[0] == magic && rest[2] == 0 && rest[3] == 0 {
		rest = rest[handshake:]
	}
	return f.frames("RawSocket frame", rest, nextRawSocket)
}

// frame is one of a stream.
type frame struct {
	data    []byte
	size    int  // with its head
	message bool // no ping, no end
	begins  bool // others of the message follow
	follows bool // it goes on with the message before
	deflate bool
}

// nextRawSocket reads the first frame of a stream. It returns false for what is none, and
// for one that isn't there to its end.
func nextRawSocket(data []byte) (frame, bool) {
	const head, most = 4, 2 // types: message, ping, pong
	if len(data) < head || data[0] > most {
		return frame{}, false
	}
	size := int(data[1])<<16 | int(data[2])<<8 | int(data[3])
	if size > len(data)-head {
		return frame{}, false
	}
	return frame{data: data[head : head+size], size: head + size, message: data[0] == 0}, true
}

// webSocket takes the messages out of the frames of WebSocket (RFC 6455, section 5.2).
func (f *finder) webSocket(data []byte) bool {
	return f.frames("WebSocket frame", data, nextWebSocket)
}

func nextWebSocket(data []byte) (frame, bool) {
	const opcodes, control, masked, end, compressed, reserved = 0x0f, 0x08, 0x80, 0x80, 0x40, 0x30
	if len(data) < 2 || data[0]&reserved != 0 || data[0]&opcodes&^control > 2 {
		return frame{}, false
	}
	size, at := uint64(data[1]&^masked), 2
	switch {
	case size == 126 && len(data) >= 4:
		size, at = uint64(binary.BigEndian.Uint16(data[2:])), 4
	case size == 127 && len(data) >= 10:
		size, at = binary.BigEndian.Uint64(data[2:]), 10
	case size > 125:
		return frame{}, false
	}
	var mask []byte
	if data[1]&masked != 0 {
		mask = data[at:min(at+4, len(data))]
		at += 4
	}
	if at > len(data) || size > uint64(len(data)-at) {
		return frame{}, false
	}
	fr := frame{data: data[at : at+int(size)], size: at + int(size)}
	opcode := data[0] & opcodes
	fr.message = opcode&control == 0
	fr.begins, fr.follows = fr.message && data[0]&end == 0, fr.message && opcode == 0
	fr.deflate = data[0]&compressed != 0
	if mask != nil {
		fr.data = slices.Clone(fr.data)
		for i := range fr.data {
			fr.data[i] ^= mask[i%4]
		}
	}
	return fr, true
}

// frames looks into all frames of a stream. It finds nothing in one that holds no message,
// and nothing deeper than maxLayers.
func (f *finder) frames(layer string, data []byte, next func([]byte) (frame, bool)) bool {
	if len(f.within) > maxLayers {
		return false
	}
	var message []byte
	found := false
	for len(data) > 0 && !f.full {
		fr, ok := next(data)
		if !ok {
			break
		}
		data = data[fr.size:]
		if !fr.message {
			continue
		}
		if fr.follows {
			message = append(message, fr.data...)
		} else if message = fr.data; fr.begins {
			message = slices.Clone(message)
		}
		if fr.begins {
			continue
		}
		if fr.deflate {
			message = f.inflate(message)
		}
		if !f.inside(layer, func() bool { return f.content(message) }) && !found {
			return false
		}
		found = true
	}
	if found {
		f.Left += len(data)
	}
	return found && (f.any() || f.Passed > 0)
}

// content looks for a message, or a batch of them, in a frame.
func (f *finder) content(data []byte) bool {
	why, passed := f.why, f.Passed
	defer func() { f.why = why }()
	before := len(f.Captures)
	trimmed := bytes.TrimSpace(data)
	switch {
	case f.binary(data):
	case isJSON(trimmed):
		f.json(trimmed, maxWalk)
	case len(trimmed) > 0 && trimmed[0] == '[':
		f.search(trimmed)
	default:
		f.rawSocket(data)
	}
	return len(f.Captures) > before || f.Passed > passed
}

// inflate reads a message of permessage-deflate that refers to none before it (RFC 7692,
// section 7.2.2). Any other gives nothing, and so does what is beyond the bound for all.
func (f *finder) inflate(data []byte) []byte {
	tail := []byte{0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff}
	inner, ok := f.unpack(flate.NewReader(io.MultiReader(bytes.NewReader(data), bytes.NewReader(tail))))
	if !ok {
		return nil
	}
	return inner
}

// unpack reads all of r. It takes no more out of all that an input holds than there may be in
// an input.
func (f *finder) unpack(r io.Reader) ([]byte, bool) {
	left := MaxInput - f.inflated
	inner, err := io.ReadAll(io.LimitReader(r, int64(left)+1))
	f.inflated += min(len(inner), left)
	return inner, err == nil && len(inner) <= left
}
