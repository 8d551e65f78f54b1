package documents_test

import (
	"bufio"
	"go/format"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

const (
	readmeLines = 200
	readmeWidth = 140 // characters
)

func TestReadmeIsShort(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(documents(t)["README.md"], "\n"), "\n")
	require.LessOrEqual(t, len(lines), readmeLines)
	for i, line := range lines {
		require.LessOrEqual(t, utf8.RuneCountInString(line), readmeWidth, "line %d: %s", i+1, line)
	}
}

// TestReadmeProgram does what the README tells somebody who is new to do: makes the keys and
// runs the program that can be copied whole, at a router.
func TestReadmeProgram(t *testing.T) {
	router := testrouter.Start(t)
	text := documents(t)["README.md"]
	var program string
	for _, block := range codeBlock.FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(block[2], "package main\n") {
			require.Empty(t, program, "one program")
			program = block[2] + "\n"
		}
	}
	const url = "ws://127.0.0.1:8080/ws"
	require.Equal(t, 1, strings.Count(program, url))
	require.Contains(t, text, "prints `Hello 23`")
	require.Contains(t, text, "\n    wampbox init com.myapp.hello. ")

	dir := t.TempDir()
	init := exec.Command(proc.Build(t, "cmd/wampbox"), "init", "com.myapp.hello.")
	init.Dir = dir
	out, err := init.CombinedOutput()
	require.NoError(t, err, "%s", out)
	run := exec.Command(built(t, strings.Replace(program, url, router.WebSocketURL(), 1)))
	run.Dir = dir
	out, err = run.Output()
	require.NoError(t, err)
	require.Equal(t, "Hello 23\n", string(out))
}

// TestCodeIsFormatted: the Go code in documents is a whole file, declarations or statements,
// and looks as gofmt has it but for what is aligned.
func TestCodeIsFormatted(t *testing.T) {
	seen := 0
	for name, text := range documents(t) {
		for _, block := range codeBlock.FindAllStringSubmatch(text, -1) {
			if block[1] != "go" {
				continue
			}
			seen++
			formatted, err := format.Source([]byte(block[2]))
			require.NoError(t, err, "%s: %s", name, block[2])
			require.Equal(t, squeezed(string(formatted)), squeezed(block[2]), name)
		}
	}
	require.Greater(t, seen, 8)
}

// squeezed has one space where there are several, as before comments.
func squeezed(text string) string {
	return strings.TrimSpace(regexp.MustCompile(` +`).ReplaceAllString(text, " "))
}

// signedProgram is what stands around the lines of the README that tell of signed keys: a
// router, the session of the archive, and an event of the sensor's.
const signedProgram = `package main

import (
	"errors"
	"fmt"
	"io"
	"log"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func main() {
	config := &router.Config{RealmConfigs: []*router.RealmConfig{{URI: "realm1", AnonymousAuth: true}}}
	r, err := router.NewRouter(config, log.New(io.Discard, "", 0))
	check(err)
	connect := func(ring *keyring.Ring) *transparency.Session {
		s, err := transparency.ConnectLocal(r, client.Config{Realm: "realm1"}, ring)
		check(err)
		return s
	}
	ring := keyring.New()
	session := connect(ring)
	func() {
LINES
		check(err)
		sensors := keyring.New()
		check(sensors.Set(keyring.Prefix("com.myapp.sensors."), sensor))
		check(connect(sensors).Publish("com.myapp.sensors.level", nil, wamp.List{7}, nil))
	}()
	if err := session.Publish("com.myapp.sensors.level", nil, nil, nil); !errors.Is(err, transparency.WrongRole) {
		log.Fatal("the archive could publish: ", err)
	}
	select {}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
`

// TestReadmeSigned: the lines of the README on signed keys do what they say.
func TestReadmeSigned(t *testing.T) {
	var lines []string
	for _, block := range codeBlock.FindAllStringSubmatch(documents(t)["README.md"], -1) {
		if strings.Contains(block[2], "keyring.Signed(") {
			lines = append(lines, block[2])
		}
	}
	require.Len(t, lines, 1)
	require.LessOrEqual(t, strings.Count(lines[0], "\n"), 12)
	run := exec.Command(built(t, strings.Replace(signedProgram, "LINES", lines[0], 1)))
	out, err := run.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, run.Start())
	defer func() { _ = run.Process.Kill(); _ = run.Wait() }()
	require.True(t, scanTo(bufio.NewScanner(out), "north [7]"))
}
