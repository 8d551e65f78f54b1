package messages

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/proc"
)

const sodiumName = "libsodium crypto_box"

//go:embed sodium/box.c
var sodiumProgram []byte

// startSodium builds the program in the folder and starts it. The error says what is
// missing on this machine.
func startSodium(ctx context.Context, dir string) (*other, string, error) {
	program, err := buildSodium(ctx, dir)
	if err != nil {
		return nil, "", err
	}
	process, err := proc.Start(ctx, sodiumName, exec.Command(program))
	if err != nil {
		return nil, "", err
	}
	v, err := version(process.Banner())
	if err != nil {
		return nil, "", errors.Join(err, process.Stop())
	}
	return &other{sodiumName, process}, v, nil
}

func buildSodium(ctx context.Context, dir string) (string, error) {
	compiler, err := exec.LookPath("cc")
	if err != nil {
		return "", errors.New("there is no C compiler named cc: install one, gcc on Debian")
	}
	source, program := filepath.Join(dir, "box.c"), filepath.Join(dir, "box")
	if err := os.WriteFile(source, sodiumProgram, 0o600); err != nil {
		return "", err
	}
	args := append([]string{"-O2", "-o", program, source}, sodiumFlags(ctx)...)
	if out, err := exec.CommandContext(ctx, compiler, args...).CombinedOutput(); err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		return "", fmt.Errorf("the C program doesn't build with libsodium: install libsodium-dev and pkg-config (%w: %s)", err, first)
	}
	return program, nil
}

// sodiumFlags asks pkg-config where libsodium is; without an answer the compiler
// looks where it always does.
func sodiumFlags(ctx context.Context) []string {
	out, err := exec.CommandContext(ctx, "pkg-config", "--cflags", "--libs", "libsodium").Output()
	if err != nil {
		return []string{"-lsodium"}
	}
	return strings.Fields(string(out))
}
