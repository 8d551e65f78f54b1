package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

func TestHelpNeedsNoOtherText(t *testing.T) {
	flags := map[string][]string{
		"originator": {"router", "realm", "serializer", "dialect", "keyring", "timeout"},
		"responder":  {"router", "realm", "serializer", "dialect", "keyring"},
	}
	for _, program := range programs {
		for _, help := range []string{"-h", "-help", "--help"} {
			t.Run(program+help, func(t *testing.T) {
				t.Parallel()
				p, status := proc.Run(t, program, help)
				require.Zero(t, status)
				require.Empty(t, p.Stdout())
				require.Contains(t, p.Stderr(), "Usage: "+program)
				for _, flag := range flags[program] {
					require.Contains(t, p.Stderr(), "\n  -"+flag)
				}
				for _, text := range []string{
					"wampbox init", "ws://127.0.0.1:8080/ws", `"realm1"`, "json, msgpack or cbor",
					"com.myapp.add2", "com.myapp.failme", "com.myapp.hello", "com.myapp.encrypted.", "Exit status",
				} {
					require.Contains(t, p.Stderr(), text)
				}
			})
		}
	}
}

func TestUnusableFlags(t *testing.T) {
	const secret = "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="
	for _, program := range programs {
		for _, test := range []struct {
			name, message string
			status        int
			args          []string
		}{
			{"unknown flag", "not defined: -rooter", 2, []string{"-rooter", "ws://127.0.0.1/"}},
			{"no flag for the key itself", "not defined: -private-key", 2, []string{"-private-key=" + secret}},
			{"argument", "belongs to no flag", 2, []string{secret}},
			{"no value", "needs an argument: -realm", 2, []string{"-realm"}},
			{"empty realm", "realm", 1, []string{"-realm", ""}},
			{"serializer", "json, msgpack or cbor", 2, []string{"-serializer", "xml"}},
			{"serializer in capitals", "json, msgpack or cbor", 2, []string{"-serializer", "JSON"}},
			{"dialect", "use wampbox, autobahn or passthru", 2, []string{"-dialect", "raw"}},
			{"dialect beside a file", "-dialect is for the sample keys", 2, []string{"-dialect", "autobahn", "-keyring", "keyring.json"}},
			{"no scheme", "-router", 1, []string{"-router", "127.0.0.1:8080"}},
			{"other scheme", "-router", 1, []string{"-router", "ftp://127.0.0.1/"}},
			{"no URL", "-router", 1, []string{"-router", "ws://%zz"}},
			{"no host", "-router", 1, []string{"-router", "ws://"}},
		} {
			t.Run(program+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				p, status := proc.Run(t, program, test.args...)
				require.Equal(t, test.status, status)
				require.Empty(t, p.Stdout())
				require.Contains(t, p.Stderr(), test.message)
				require.NotContains(t, p.Stderr(), secret)
			})
		}
	}
}
