package link

import (
	"maps"
	"sync"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// messageOverhead is what an Incoming takes in memory beside its data, in bytes.
const messageOverhead = 512

// Incoming is a message from a router, whose details and payload are not decoded as
// yet.
type Incoming struct {
	message.In
	codec *message.Codec // nil on a local link
	data  *buffer        // that In points into, or nil

	// What a local link shares with others.
	details wamp.Dict
	args    wamp.List
	kwargs  wamp.Dict
}

var incoming = sync.Pool{New: func() any { return new(Incoming) }}

// NewIncoming returns an Incoming to read into.
func NewIncoming() *Incoming {
	in, _ := incoming.Get().(*Incoming)
	return in
}

// Release gives in back. Nothing that points into it may be in use.
func (in *Incoming) Release() {
	in.drop()
	*in = Incoming{}
	incoming.Put(in)
}

// ReadFrom reads data, which is in's from now on. It returns false for what is no message
// to a client, and errors as [message.Codec.Read] does.
func (in *Incoming) ReadFrom(codec *message.Codec, data []byte) (bool, error) {
	in.data = &buffer{data}
	return in.read(codec)
}

// read reads what data holds.
func (in *Incoming) read(codec *message.Codec) (bool, error) {
	in.codec = codec
	return codec.Read(in.data.bytes, &in.In)
}

// drop gives the data to others.
func (in *Incoming) drop() {
	if in.data != nil {
		in.data.release()
		in.data = nil
	}
}

// Codec returns what reads the raw payload, or nil on a local link, where there is
// none.
func (in *Incoming) Codec() *message.Codec { return in.codec }

// Dict returns the details, which are the receiver's own to change. They are never
// nil.
func (in *Incoming) Dict() (wamp.Dict, error) {
	if in.codec == nil {
		if in.details == nil {
			return wamp.Dict{}, nil
		}
		return maps.Clone(in.details), nil
	}
	dict, err := in.codec.Dict(in.Details)
	if dict == nil && err == nil {
		dict = wamp.Dict{}
	}
	return dict, err
}

// Flag reports whether the detail of that name is true.
func (in *Incoming) Flag(name string) bool {
	if in.codec == nil {
		flag, _ := in.details[name].(bool)
		return flag
	}
	return in.Details != nil && in.codec.Flag(in.Details, name)
}

// Values returns the payload as values. On a local link they are shared with others.
func (in *Incoming) Values() (wamp.List, wamp.Dict, error) {
	if in.codec == nil {
		return in.args, in.kwargs, nil
	}
	return in.codec.Values(&in.Payload)
}

// Waiting returns how many bytes of memory in takes as it is.
func (in *Incoming) Waiting() int {
	if in.data == nil {
		return messageOverhead
	}
	return cap(in.data.bytes) + messageOverhead
}

// Decoded returns how many bytes of memory in takes at most with all of it decoded.
func (in *Incoming) Decoded() int { return in.Waiting() + in.Payload.Memory }
