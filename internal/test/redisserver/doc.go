// Package redisserver starts redis-server for tests, on a free port of the loopback
// interface, in a folder that goes away with the test.
//
//	server := redis.Start(t)
//	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
//	server.Crash()   // what was not saved is lost
//	server.Restart() // on the same port
//
// A test that needs it skips where redis-server is not installed, and says how to get it;
// with WAMPBOX_INTEROP=required, as "make test" sets it, it fails. The server ends when the
// test process is gone, however that went.
package redisserver
