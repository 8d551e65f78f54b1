package keyservice

import (
	"time"

	"golang.org/x/time/rate"
)

// What bounds a server's work, whatever is sent to it.
const (
	maxWaiting = 4096 // gets that are answered or wait for it: of 8 KiB at most each
	maxAtOnce  = 8    // of which read and sign at a time: of about 4 MiB at most each

	memberRate, memberBurst   = 8, 64             // gets of a member in a second, all its replicas together
	bytesRate, bytesBurst     = 32 << 20, 1 << 27 // bytes of answers in a second
	refusedRate, refusedBurst = 16, 64            // looks at the disk and lines in the log, for who proves nothing
	writeRate, writeBurst     = 64, 128           // receipts written in a second

	receiptAge = time.Minute // before a receipt of the same grant is written again
)

// limits are those of a server.
type limits struct {
	atOnce  chan struct{}
	bytes   *rate.Limiter
	refused *rate.Limiter
}

func newLimits() limits {
	return limits{
		atOnce:  make(chan struct{}, maxAtOnce),
		bytes:   rate.NewLimiter(bytesRate, bytesBurst),
		refused: rate.NewLimiter(refusedRate, refusedBurst),
	}
}
