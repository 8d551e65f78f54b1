package party_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/proctest"
)

func TestHelpNeedsNoOtherText(t *testing.T) {
	flags := map[string][]string{
		"originator": {"router", "realm", "serializer", "framing", "key-file", "peer-key", "print-public-key", "timeout"},
		"responder":  {"router", "realm", "serializer", "framing", "key-file", "peer-key", "print-public-key"},
	}
	for _, program := range programs {
		for _, help := range []string{"-h", "-help", "--help"} {
			t.Run(program+help, func(t *testing.T) {
				t.Parallel()
				p, status := proctest.Run(t, program, help)
				require.Zero(t, status)
				require.Empty(t, p.Stderr())
				require.Contains(t, p.Stdout(), "Usage: "+program)
				for _, flag := range flags[program] {
					require.Contains(t, p.Stdout(), "\n  -"+flag)
				}
				for _, text := range []string{
					"WAMPBOX_PRIVATE_KEY", "ws://127.0.0.1:8080/ws", `"realm1"`, "json, msgpack or cbor",
					"com.myapp.add2", "com.myapp.failme", "com.myapp.hello", "com.myapp.encrypted.", "Exit status",
				} {
					require.Contains(t, p.Stdout(), text)
				}
			})
		}
	}
}

func TestUnusableFlags(t *testing.T) {
	const secret = "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="
	absent := filepath.Join(t.TempDir(), "absent.key")
	for _, program := range programs {
		for _, test := range []struct {
			name, message string
			args          []string
		}{
			{"unknown flag", "not defined: -rooter", []string{"-rooter", "ws://127.0.0.1/"}},
			{"no flag for the key itself", "not defined: -private-key", []string{"-private-key=" + secret}},
			{"argument", "belongs to no flag", []string{secret}},
			{"no value", "needs an argument: -realm", []string{"-realm"}},
			{"empty realm", "realm", []string{"-realm", ""}},
			{"serializer", "json, msgpack or cbor", []string{"-serializer", "xml"}},
			{"serializer in capitals", "json, msgpack or cbor", []string{"-serializer", "JSON"}},
			{"framing", "use enc, native, ppt", []string{"-framing", "raw"}},
			{"no scheme", "-router", []string{"-router", "127.0.0.1:8080"}},
			{"other scheme", "-router", []string{"-router", "ftp://127.0.0.1/"}},
			{"no URL", "-router", []string{"-router", "ws://%zz"}},
			{"no host", "-router", []string{"-router", "ws://"}},
			{"absent key file", "-key-file", []string{"-key-file", absent, "-peer-key", peerText}},
		} {
			t.Run(program+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				p, status := proctest.Run(t, program, test.args...)
				require.Equal(t, 2, status)
				require.Empty(t, p.Stdout())
				require.Contains(t, p.Stderr(), test.message)
				require.NotContains(t, p.Stderr(), secret)
			})
		}
	}
}
