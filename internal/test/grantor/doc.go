// Package grantor has an authority and a server of the key service that tests make by hand, and a
// client that asks that server without a router. Each part of an answer can be another one than an
// honest authority or server gives.
//
//	a := grantor.NewAuthority()
//	s := grantor.NewServer(a)
//	s.Put(a.Issue(t, enrolment, entries))
//	s.Hook = func(get statement.Get, honest statement.Answer) statement.Answer { ... }
//	w, err := keyservice.Watch(ctx, grantor.NewClient(s), ring, cfg)
package grantor
