package documents_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// migrationProgram is what stands around the code of docs/MIGRATING.md that takes a pattern
// from a pair to signed keys: a caller and a callee, with messages all the time. The callee is
// told first, so that each end has the new version while the other hasn't.
const migrationProgram = `package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"sync/atomic"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const uri = "com.myapp.orders.new"

var (
	pattern = keyring.Prefix("com.myapp.orders.")
	day     = time.Now().Add(time.Second)
	pairID  string
	refused atomic.Int64
	calls   = map[cryptobox.Suite]int{}
	events  = map[cryptobox.Suite]int{}
)

// keys makes those of one program: its signing key, and a reading key.
func keys() (cryptobox.SigningKey, cryptobox.ReadingKey) {
MAKE
	check(err)
	return mine, read
}

// goOver is what each program is told.
func goOver(ring *keyring.Ring, parts keyring.Signing) (err error) {
TELL
	return err
}

func main() {
	config := &router.Config{RealmConfigs: []*router.RealmConfig{{URI: "realm1", AnonymousAuth: true}}}
	r, err := router.NewRouter(config, log.New(io.Discard, "", 0))
	check(err)
	defer r.Close()
	shop, desk := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	shopRing, near := connect(r, keyring.Originator(shop, desk.Public()))
	deskRing, far := connect(r, keyring.Responder(desk, shop.Public()))
	pairID = keyring.Originator(shop, desk.Public()).ID()
	shopSign, _ := keys()
	deskSign, read := keys()

	came := make(chan struct{}, 1)
	check(far.Subscribe(uri, func(event *wamp.Event) { count(events, event.Details); came <- struct{}{} }, nil))
	check(far.Register(uri, func(_ context.Context, call *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: call.Arguments}
	}, nil))
	for n, end := 0, day.Add(500*time.Millisecond); time.Now().Before(end); n++ {
		switch n {
		case 20:
			check(goOver(deskRing, keyring.Signing{
				Suite: cryptobox.SuiteSigned, Sign: deskSign, Read: read,
				Senders: []keyring.Party{{Name: "shop", Key: shopSign.Public()}},
			}))
		case 40:
			check(goOver(shopRing, keyring.Signing{
				Suite: cryptobox.SuiteSigned, Sign: shopSign, Seal: read.Public(),
				Answerers: []keyring.Party{{Name: "desk", Key: deskSign.Public()}},
			}))
		}
		check(near.Publish(uri, nil, nil, nil))
		select {
		case <-came:
		case <-time.After(10 * time.Second):
			log.Fatal("an event was lost")
		}
		result, err := near.Call(context.Background(), uri, nil, wamp.List{n}, nil, nil)
		check(err)
		count(calls, result.Details)
		time.Sleep(5 * time.Millisecond)
	}
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteBox, cryptobox.SuiteSigned} {
		if events[suite] < 50 || calls[suite] < 50 {
			log.Fatal(suite, ": ", events[suite], " events, ", calls[suite], " calls")
		}
	}
	check(deskRing.AllowUnsigned(pattern, time.Time{}))
	check(deskRing.RemoveVersion(pattern, pairID))
	fmt.Println("refused:", refused.Load())
}

// count notes what a message was sealed in; who has signed it has to be known.
func count(in map[cryptobox.Suite]int, details wamp.Dict) {
	info, _ := transparency.InfoFrom(details)
	if info.Suite == cryptobox.SuiteSigned && info.Sender.Name == "" {
		log.Fatal("nobody has signed it")
	}
	in[info.Suite]++
}

func connect(r router.Router, key keyring.Key) (*keyring.Ring, *transparency.Session) {
	ring := keyring.New()
	check(ring.Set(pattern, key))
	s, err := transparency.ConnectLocal(r, client.Config{Realm: "realm1", Logger: log.New(io.Discard, "", 0)}, ring,
		transparency.WithOnReject(func(err *transparency.Error) { log.Print(err); refused.Add(1) }))
	check(err)
	return ring, s
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
`

// TestMigratingToSigned runs the code of docs/MIGRATING.md under messages: none is lost, and
// none refused.
func TestMigratingToSigned(t *testing.T) {
	_, section, found := strings.Cut(documents(t)["docs/MIGRATING.md"], "\n## From a pair to signed keys\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := codeBlock.FindAllStringSubmatch(section, -1)
	require.Len(t, blocks, 2)
	binary := built(t, strings.NewReplacer("MAKE", blocks[0][2], "TELL", blocks[1][2]).Replace(migrationProgram))
	out, err := exec.Command(binary).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "refused: 0\n", string(out))
}

// built compiles a program that stands in a text, in this module.
func built(t *testing.T, program string) (binary string) {
	t.Helper()
	dir := t.TempDir()
	source, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	require.NoError(t, os.WriteFile(source, []byte(program), 0o600))
	out, err := exec.Command("go", "build", "-o", binary, source).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary
}
