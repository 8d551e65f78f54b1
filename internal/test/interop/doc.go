// Package interop runs the real peers that this library has to talk to: a
// Crossbar.io router and Autobahn|Python sessions, in their released versions,
// for tests.
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(interop.Main(m)) }
//
//	func TestCall(t *testing.T) {
//		suite := interop.Start(t)
//		py := suite.Join(t, interop.Config{Serializer: interop.CBOR, Keys: keys})
//		require.NoError(t, py.Register(t.Context(), "com.myapp.encrypted.add2", interop.Add2(), nil))
//		s, err := transparency.ConnectNet(t.Context(), suite.Node.WebSocketURL(), config, ring)
//		...
//	}
//
// # The Python environment
//
// "make interop-env" makes it once for a checkout, in .venv-interop or in the folder that the
// environment variable WAMPBOX_INTEROP_ENV names, with the packages that requirements.txt
// pins. That takes Python 3.11 or later with its venv module, and a minute or two.
//
// Without the environment a test that needs it skips, and says how to get it. With
// WAMPBOX_INTEROP=required, which "make test" sets, such a test fails.
//
// # Processes
//
// The tests of one binary share one node ([Node]) and one Python process ([Python]), which
// holds all sessions ([Peer]). [Main] ends both. When the test process is gone, their standard
// input closes, and each ends without Main. What they log goes to the log of a test that fails,
// and nowhere else.
//
// Programs of other people run unchanged, at our router: see [Suite.Script].
//
// # Values
//
// Values cross between Go and Python without loss. They arrive as nil, bool, int64, uint64
// above that, *[math/big.Int] above that, float64, string, []byte, []any and map[string]any.
// A dict with keys that aren't strings arrives as [Pairs].
package interop
