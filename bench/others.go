package main

import (
	"context"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

//go:embed others/sodium.c
var sodiumProgram []byte

//go:embed others/autobahn_peer.py
var autobahnProgram []byte

// errMissing is the error of what isn't installed, or isn't wanted.
var errMissing = errors.New("missing")

// startOthers starts what this library is compared with in memory, and tells what is
// missing.
func (b *benchmark) startOthers(ctx context.Context) (others []*process, why string, err error) {
	for _, other := range []struct {
		name  string
		start func(context.Context) (*process, error)
	}{
		{"libsodium crypto_box", b.startSodium},
		{"Autobahn|Python KeyRing", func(ctx context.Context) (*process, error) { return b.startAutobahn(ctx, "codec") }},
	} {
		p, err := other.start(ctx)
		switch {
		case errors.Is(err, errMissing):
			why += fmt.Sprintf("\n\n%s: %v.", other.name, err)
		case err != nil:
			return others, "", fmt.Errorf("start %s: %w", other.name, err)
		default:
			p.name = other.name
			others = append(others, p)
		}
	}
	return others, why, nil
}

// startSodium builds the C program and starts it.
func (b *benchmark) startSodium(ctx context.Context) (*process, error) {
	if b.short {
		return nil, fmt.Errorf("%w: left out of a short run", errMissing)
	}
	source, program := filepath.Join(b.scratch, "sodium.c"), filepath.Join(b.scratch, "sodium")
	if err := os.WriteFile(source, sodiumProgram, 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, "cc", "-O2", "-o", program, source, "-lsodium").CombinedOutput(); err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		return nil, fmt.Errorf("%w: install gcc and libsodium-dev (%w: %s)", errMissing, err, first)
	}
	return startProcess(ctx, exec.Command(program))
}

// python finds the interpreter that has Autobahn and Crossbar.io.
func (b *benchmark) python() (string, error) {
	if b.short {
		return "", fmt.Errorf("%w: left out of a short run", errMissing)
	}
	python, err := interop.Interpreter()
	if err != nil {
		err = fmt.Errorf("%w: %w", errMissing, err)
	}
	return python, err
}

func (b *benchmark) startAutobahn(ctx context.Context, args ...string) (*process, error) {
	python, err := b.python()
	if err != nil {
		return nil, err
	}
	script := filepath.Join(b.scratch, "autobahn_peer.py")
	if err := os.WriteFile(script, autobahnProgram, 0o600); err != nil {
		return nil, err
	}
	return startProcess(ctx, exec.Command(python, append([]string{script}, args...)...))
}

// autobahnCaller makes a contender of two Autobahn sessions, each in a process of its
// own. A sealed one has keys of this library's making, which are used nowhere else.
func (b *benchmark) autobahnCaller(ctx context.Context, url string, s serializer, atOnce int, sealed bool) (contender, error) {
	name, k := "Autobahn|Python, plain", plainNexus
	if sealed {
		name, k = "Autobahn|Python, sealed", sealedAutobahn
	}
	uri := k.uri()
	near, far := []string{"call", url, s.name, uri}, []string{"answer", url, s.name, uri}
	if sealed {
		originator, responder := cryptobox.GenerateKey(), cryptobox.GenerateKey()
		near = append(near, "originator_priv", base64Key(originator), "responder_pub", responder.Public().String())
		far = append(far, "responder_priv", base64Key(responder), "originator_pub", originator.Public().String())
	}
	callee, err := b.startAutobahn(ctx, far...)
	if err != nil {
		return contender{}, err
	}
	caller, err := b.startAutobahn(ctx, near...)
	if err != nil {
		return contender{}, errors.Join(err, callee.stop())
	}
	run := func(ctx context.Context, least time.Duration) (sample, error) {
		return caller.measure(ctx, fmt.Sprintf("call %d %d", callSize, atOnce), least)
	}
	return contender{name, run, func() error { return errors.Join(caller.stop(), callee.stop()) }}, nil
}

func base64Key(key cryptobox.PrivateKey) string {
	return base64.StdEncoding.EncodeToString(key.UnsafeBytes())
}

// crossbar is the section of that name.
func (b *benchmark) crossbar(ctx context.Context) (err error) {
	t := b.table("Calls, Crossbar.io in a process of its own", callsNote+" Each Autobahn session is in a process of its own.", perSecond, rateRatio)
	python, err := b.python()
	if err != nil {
		t.note += fmt.Sprintf("\n\nCrossbar.io: %v.", err)
		return nil
	}
	node, err := interop.StartNode(ctx, python)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, node.Stop()) }()
	versions, err := interop.VersionsOf(ctx, python)
	if err != nil {
		return err
	}
	t.note += " " + versions.String() + "."
	var drawn []bar
	for _, s := range []serializer{inCBOR, inJSON} {
		for _, atOnce := range []int{1, many} {
			plain, err := b.autobahnCaller(ctx, node.WebSocketURL(), s, atOnce, false)
			if err != nil {
				return err
			}
			sealed, err := b.autobahnCaller(ctx, node.WebSocketURL(), s, atOnce, true)
			if err != nil {
				return errors.Join(err, plain.close())
			}
			found, err := b.compareCalls(ctx, t, node.WebSocketURL(), crossbarKinds, s, load{atOnce, callSize, false}, plain, sealed)
			if err != nil {
				return err
			}
			if atOnce == many {
				drawn = append(drawn, found...)
			}
		}
	}
	return b.draw(bars("Calls of 256 B a second, Crossbar.io, 64 at a time", drawn))
}
