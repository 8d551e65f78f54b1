package client

import (
	"errors"
	"fmt"

	nexus "github.com/gammazero/nexus/v3/client"
)

var (
	// ErrNotConnected means that a message was not sent. The error also wraps nexus's
	// ErrNotConn and why the session has ended.
	ErrNotConnected = fmt.Errorf("not sent: %w", nexus.ErrNotConn)

	// ErrInterrupted means that a message was sent and not answered before the session ended:
	// whether it was done isn't known. The error wraps the same as with ErrNotConnected.
	ErrInterrupted = fmt.Errorf("sent, and not answered: %w", nexus.ErrNotConn)

	// ErrClosed is the cause of an end by Close, Shutdown or End.
	ErrClosed = errors.New("the session was closed")
)

// notConnected is what a request gets that wasn't sent.
func (c *Client) notConnected() error { return ended(ErrNotConnected, c.Err()) }

// interrupted is what a request gets that the session's end has ended.
func (c *Client) interrupted() error { return ended(ErrInterrupted, c.Err()) }

func ended(what, cause error) error {
	if cause == nil {
		return what
	}
	return fmt.Errorf("%w: %w", what, cause)
}
