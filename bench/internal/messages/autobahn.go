package messages

import (
	"context"
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/proc"
)

const autobahnName = "Autobahn|Python KeyRing"

//go:embed autobahn/codec.py
var autobahnProgram []byte

// startAutobahn starts the script, from the folder.
func startAutobahn(ctx context.Context, python, dir string) (*other, error) {
	script := filepath.Join(dir, "codec.py")
	if err := os.WriteFile(script, autobahnProgram, 0o600); err != nil {
		return nil, err
	}
	process, err := proc.Start(ctx, autobahnName, exec.Command(python, script))
	if err != nil {
		return nil, err
	}
	if _, err := version(process.Banner()); err != nil {
		return nil, errors.Join(err, process.Stop())
	}
	return &other{autobahnName, process}, nil
}
