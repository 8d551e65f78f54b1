// Package reconnect takes routers away from Sessions that have
// [transparency.WithReconnect], and gives them back. It kills a router and starts it again
// under load, has it refuse connections for a while, or has it hold on to a session that is
// lost. It has tests alone.
//
// [transparency.WithReconnect]: https://pkg.go.dev/github.com/wamp-cryptobox/wamp-cryptobox-go/transparency#WithReconnect
package reconnect
