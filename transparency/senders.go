package transparency

import (
	"context"
	"slices"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
)

// AllowSenders lets a handler serve the invocations of these senders alone, by the names that
// the ring gives their keys when the call comes. Anybody else gets the error
// wamp.error.not_authorized, sealed where the call was. A plain call never passes, nor does one
// under a key that isn't signed ([keyring.Signed]), whatever the router says of who called.
// Without names nobody passes. Without a handler it returns nil, which [Session.Register] refuses.
func AllowSenders(handler nexus.InvocationHandler, names ...string) nexus.InvocationHandler {
	if handler == nil {
		return nil // for Register to refuse
	}
	names = slices.Clone(names)
	return func(ctx context.Context, inv *wamp.Invocation) nexus.InvokeResult {
		info, _ := InfoFrom(inv.Details) // zero of a plain call
		if info.Sender.Key.IsZero() || !slices.Contains(names, info.Sender.Name) {
			return nexus.InvokeResult{Err: wamp.ErrNotAuthorized}
		}
		return handler(ctx, inv)
	}
}
