// Package reconnect takes routers away from Sessions with
// [transparency.WithReconnect], and gives them back: killed and started again under
// load, refusing for a while, holding on to a session that is lost. It has tests alone.
//
// [transparency.WithReconnect]: https://pkg.go.dev/github.com/wamp-cryptobox/wamp-cryptobox-go/transparency#WithReconnect
package reconnect
