// Package keyservice brings a program its keys through the router that it uses them on, which
// can't read, forge, replay or swap them.
//
//	me, err := keyservice.LoadIdentity("shop.identity")
//	w, err := keyservice.Watch(ctx, session, ring, keyservice.Config{
//	    Identity: me, Authorities: []cryptobox.VerifyKey{authority}, Cache: "shop.cache",
//	})
//	defer w.Close()
//
// Watch is back once the ring has its first keys, and goes on to bring what changes, the secrets
// of scrambled URIs ([keyring.Ring.Scramble]) among them.
//
// # Parties
//
// A member has an [Identity] that it made itself: wampbox identity shop, or [GenerateIdentity]. It
// hands its [Enrolment] to the operator of an authority, by another way than the router: whoever
// swaps that line gets the member's keys. In return it is told the authority's verify key.
//
// The authority is a folder without a network (wampbox authority). A server hands out what it has
// issued, and holds no secret of anybody's (wampbox serve).
//
// docs/KEYSERVICE.md has the statements byte for byte, the operator's tasks, and what each stolen
// key allows.
package keyservice
