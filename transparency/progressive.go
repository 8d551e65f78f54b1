package transparency

import (
	"context"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// CallProgressive calls the procedure with a payload in chunks, as
// client.Client.CallProgressive does: sendProg is called for each chunk, and says by the
// option progress whether more are to come. If the ring has a key for the procedure when the
// first chunk is there, every chunk is sealed with the same version of that key, numbered and
// tied to the first. Once that version is revoked, a chunk is NoKey. Of the options of later
// chunks only progress counts, and nil options mean the last.
//
// An error of sendProg, or a chunk that can't be sealed, cancels the call and is
// what CallProgressive returns. The context given to sendProg ends with the
// call. Otherwise errors are those of [Session.Call].
func (s *Session) CallProgressive(ctx context.Context, procedure string, sendProg nexus.SendProgressiveData, progcb nexus.ProgressHandler) (*wamp.Result, error) {
	c, err := s.newCall(procedure)
	if err == nil {
		_, _, err = c.decide() // before the application is asked for anything
	}
	if err != nil {
		return nil, err
	}
	c.progress = progcb != nil
	return c.finish(s.transport.now().CallProgressive(ctx, c.uri, c.chunks(sendProg), c.progressHandler(progcb), &c.result))
}

// chunks prepares what sendProg gives.
func (c *call) chunks(sendProg nexus.SendProgressiveData) client.ChunkSource {
	later := false
	return func(ctx context.Context) (*wire.Part, error) {
		if c.session.life.Err() != nil {
			return nil, nexus.ErrNotConn
		}
		options, args, kwargs, err := sendProg(ctx)
		if err == nil {
			err = checkOptions(opCall, c.procedure, options)
		}
		if err != nil {
			return nil, err
		}
		more := wamp.OptionFlag(options, wamp.OptProgress)
		if later {
			options = wamp.Dict{wamp.OptProgress: more}
		}
		if !later {
			err = c.begin()
		}
		if err != nil {
			return nil, err
		}
		later = true
		return c.prepare(partOf(options, args, kwargs), more)
	}
}
