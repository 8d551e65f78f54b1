// Package harness has what tests of Sessions in several packages share: keys and rings for one
// pattern, waits that end, a collector of what a Session has refused, a holder of a key that
// seals whatever it likes, and a process of its own for code that is expected to crash.
//
//	k := harness.NewKeys()
//	refused, collecting := harness.Collect()
//	s, err := transparency.ConnectNet(ctx, url, harness.Config(client.JSON), harness.RingOf(t, k.OriginatorKey()), collecting)
//	...
//	harness.RequireReason(t, refused.Next(t), transparency.Replayed)
package harness
