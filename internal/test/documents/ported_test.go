package documents_test

import (
	"bufio"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// ports are the changes that the README tells to make in a program that is there, in
// nexus's own examples: two imports, four lines for the keyring, the line that connects, and
// the type in signatures.
var ports = strings.NewReplacer(
	`	"github.com/gammazero/nexus/v3/client"
`, `	"github.com/gammazero/nexus/v3/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
`,
	"*client.Client", "transparency.Client",
	`	cli, err = client.ConnectNet(context.Background(), addr, cfg)
`, `	ring, err := keyfile.Load(os.Getenv("EXAMPLE_KEYRING"))
	if err != nil {
		return nil, err
	}
	cli, err = transparency.ConnectNet(context.Background(), addr, cfg, ring)
`)

// TestNexusExamplePorted ports nexus's example of publish and subscribe by these changes. The
// event arrives, and its text crosses no connection.
func TestNexusExamplePorted(t *testing.T) {
	keys := t.TempDir()
	init := exec.Command(proc.Build(t, "cmd/wampbox"), "init", "example.")
	init.Dir = keys
	require.NoError(t, init.Run())
	tap := proxy.Start(t, testrouter.Start(t).WebSocketURL())
	at, err := url.Parse(tap.URL())
	require.NoError(t, err)
	program := func(name, keyring string) *exec.Cmd {
		command := exec.Command(ported(t, "pubsub/"+name), "-addr", at.Hostname(), "-port", at.Port())
		command.Env = append(os.Environ(), "EXAMPLE_KEYRING="+filepath.Join(keys, keyring+".json"))
		return command
	}
	subscriber := program("subscriber", "responder")
	out, err := subscriber.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, subscriber.Start())
	defer func() { _ = subscriber.Process.Kill(); _ = subscriber.Wait() }()
	lines := bufio.NewScanner(out)
	require.True(t, scanTo(lines, "Subscribed to example.hello"))
	published, err := program("publisher", "originator").CombinedOutput()
	require.NoError(t, err, "%s", published)
	require.True(t, scanTo(lines, "Event Message: hello world"))
	for text, there := range map[string]bool{"example.hello": true, "hello world": false} {
		found, err := tap.Contains(text)
		require.NoError(t, err)
		require.Equal(t, there, found, text)
	}
}

func scanTo(lines *bufio.Scanner, text string) bool {
	for lines.Scan() {
		if strings.Contains(lines.Text(), text) {
			return true
		}
	}
	return false
}

// ported builds one of nexus's examples with the changes, as if it stood in this module.
func ported(t *testing.T, name string) (binary string) {
	t.Helper()
	const nexus = "github.com/gammazero/nexus/v3"
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", nexus).Output()
	require.NoError(t, err)
	here, err := filepath.Abs(".")
	require.NoError(t, err)
	const ours = "github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/documents"
	overlay, dir := map[string]string{}, t.TempDir()
	for _, folder := range []string{name, "newclient"} {
		sources, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "examples", folder, "*.go"))
		require.NoError(t, err)
		require.Len(t, sources, 1)
		text, err := os.ReadFile(sources[0])
		require.NoError(t, err)
		changed := strings.ReplaceAll(string(text), nexus+"/examples/newclient", ours+"/newclient")
		if folder == "newclient" {
			changed = ports.Replace(changed)
		}
		file := filepath.Join(dir, filepath.Base(sources[0]))
		require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
		overlay[filepath.Join(here, folder, filepath.Base(file))] = file
	}
	replace, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(t, err)
	list := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(list, replace, 0o600))
	binary = filepath.Join(dir, "program")
	built, err := exec.Command("go", "build", "-overlay", list, "-o", binary, "./"+name).CombinedOutput()
	require.NoError(t, err, "%s", built)
	return binary
}
