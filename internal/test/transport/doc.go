// Package transport carries WAMP messages for the routers and proxies of tests. A
// [Server] listens, and ends with all that it accepted; a [Conn] keeps the messages of a
// connection apart, by WebSocket or by RawSocket.
//
//	var s transport.Server
//	url, err := s.RawSocket(func(conn net.Conn) {
//		raw := transport.RawSocket{Conn: conn}
//		...
//		err := raw.Each(func(f transport.Frame) error { return raw.Put(f) }) // an echo
//	})
//	defer s.Close()
//
// It is written from the WAMP specification, and shares nothing with the code under test.
package transport
