package link

import (
	"context"
	"time"

	"github.com/gammazero/nexus/v3/client"
)

// DialImpatient is Dial with another patience for routers that read nothing.
func DialImpatient(ctx context.Context, url string, cfg client.Config, patience time.Duration) (Link, error) {
	return (&dialing{cfg: cfg, patience: patience}).dial(ctx, url)
}

// FrameCode is frameCode.
var FrameCode = frameCode
