package redismemory

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// Bounds of a reply. The client makes room for what a length says before any of it has
// come, and calls itself for what is inside of it.
const (
	maxReply  = 16 << 20 // bytes, with those of the next line
	eachValue = 64       // about what the client makes of one, beside its bytes
	maxDepth  = 32
	maxLine   = 64 << 10
)

var errReply = fmt.Errorf("%w: what it sends is no reply, or one of more than %d MB: is it Redis?", ErrAnswer, maxReply>>20)

// bounding is a hook that has a client take no reply beyond the bounds.
type bounding struct{}

// bound adds it to a client. Those of a cluster's nodes dial by themselves.
func bound(client redis.UniversalClient) {
	if cluster, ok := client.(*redis.ClusterClient); ok {
		cluster.OnNewNode(func(node *redis.Client) { node.AddHook(bounding{}) })
		return
	}
	client.AddHook(bounding{})
}

// DialHook bounds what a connection reads.
func (bounding) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := next(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		switch c := conn.(type) {
		case *boundedConn, *boundedSocket: // by another Memory
			return conn, nil
		case socket:
			return &boundedSocket{boundedConn{Conn: conn}, c}, nil
		}
		return &boundedConn{Conn: conn}, nil
	}
}

// ProcessHook changes nothing.
func (bounding) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

// ProcessPipelineHook changes nothing.
func (bounding) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// boundedConn is a connection that ends with errReply where a reply is beyond the bounds.
type boundedConn struct {
	net.Conn
	reply reply
}

// Read is the connection's.
func (c *boundedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if !c.reply.take(b[:n]) {
		return 0, errReply
	}
	return n, err
}

type socket interface {
	net.Conn
	syscall.Conn
}

// boundedSocket lets the client see, before it asks, whether the connection has ended.
type boundedSocket struct {
	boundedConn
	socket syscall.Conn
}

// SyscallConn is the connection's.
func (c *boundedSocket) SyscallConn() (syscall.RawConn, error) { return c.socket.SyscallConn() }

// reply is what has come of one, in RESP2 or RESP3.
type reply struct {
	line []byte      // what there is of a line that hasn't ended
	text int         // bytes that are missing of a text, its line end included
	open []aggregate // the outermost first
	size int
}

// aggregate is a list, a map or attributes, some values of which haven't come.
type aggregate struct {
	missing    int
	attributes bool // which stand before a value, and are none
}

// take follows what comes in. It reports whether that is within the bounds.
func (r *reply) take(b []byte) bool {
	for len(b) > 0 {
		if r.text > 0 {
			n := min(r.text, len(b))
			b, r.text = b[n:], r.text-n
			if r.text == 0 {
				r.ended()
			}
			continue
		}
		line, rest, whole := bytes.Cut(b, []byte{'\n'})
		if len(r.line)+len(line) > maxLine {
			return false
		}
		r.line, b = append(r.line, line...), rest
		if !whole {
			return true
		}
		if !r.value() {
			return false
		}
		r.line = r.line[:0]
	}
	return true
}

// value takes the line that a value begins with.
func (r *reply) value() bool {
	line, whole := bytes.CutSuffix(r.line, []byte{'\r'})
	if !whole || len(line) < 1 {
		return false
	}
	r.size += eachValue + len(line)
	switch line[0] {
	case '+', '-', ':', '_', ',', '#', '(':
		r.ended()
	case '$', '=', '!':
		n, ok := r.length(line, 1)
		if ok && n < 0 {
			r.ended()
		} else {
			r.text = n + len("\r\n")
		}
		return ok
	case '*', '~', '>':
		return r.begun(line, 1, false)
	case '%':
		return r.begun(line, 2, false)
	case '|':
		return r.begun(line, 2, true)
	default:
		return false
	}
	return r.size <= maxReply
}

// begun takes the line of an aggregate.
func (r *reply) begun(line []byte, valuesEach int, attributes bool) bool {
	n, ok := r.length(line, valuesEach*eachValue)
	switch {
	case !ok || len(r.open) == maxDepth:
		return false
	case n > 0:
		r.open = append(r.open, aggregate{n * valuesEach, attributes})
	case !attributes:
		r.ended()
	}
	return true
}

// length reads the one that a line tells, of what takes so many bytes each. Below zero
// stands for no value.
func (r *reply) length(line []byte, each int) (n int, ok bool) {
	n, err := strconv.Atoi(string(line[1:]))
	if err != nil || n < -1 || n > maxReply/each {
		return 0, false
	}
	r.size += max(n, 0) * each
	return n, r.size <= maxReply
}

// ended notes that a value is whole.
func (r *reply) ended() {
	for len(r.open) > 0 {
		last := &r.open[len(r.open)-1]
		last.missing--
		if last.missing > 0 {
			return
		}
		attributes := last.attributes
		r.open = r.open[:len(r.open)-1]
		if attributes {
			return
		}
	}
	r.size = 0
}
