// Package live has the commands of wampbox that talk to a router: sub, pub, call,
// doctor, and of a key service serve and fetch.
//
//	root.Commands = append(root.Commands, live.Sub(env), live.Pub(env), live.Call(env), live.Doctor(env),
//		live.Serve(env), live.Fetch(env))
//
// What goes over the wire is for the keyring file to say, as for every session. JSON goes
// in and comes out, so that scripts need nothing else: integers are exact, and binary data
// is written as WAMP does, a string of "\u0000" and base64.
//
// What was proved of a message and what is merely the router's word are printed apart.
package live
