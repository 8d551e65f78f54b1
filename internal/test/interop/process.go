package interop

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// logSize bounds what is kept of a process's log: its end, in bytes.
const logSize = 256 << 10

// process is a running Python script in a process group of its own. Scripts
// end when their standard input closes.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	log    *tail
	exited chan struct{} // closed when the first process has ended
	stop   sync.Once
	err    error // of stopping
}

// startPython runs a script in the folder, which is all it has for a home. Its
// standard output is written to out, or to the log if out is nil.
func startPython(python string, dir string, script []byte, out io.Writer, args ...string) (*process, error) {
	path := filepath.Join(dir, "main.py")
	if err := os.WriteFile(path, script, 0o600); err != nil {
		return nil, fmt.Errorf("interop: write the script: %w", err)
	}
	p := &process{log: &tail{}, exited: make(chan struct{})}
	p.cmd = exec.Command(python, append([]string{path}, args...)...)
	p.cmd.Dir = dir
	p.cmd.Env = environment(dir)
	p.cmd.Stdout, p.cmd.Stderr = out, p.log
	if out == nil {
		p.cmd.Stdout = p.log
	}
	p.cmd.WaitDelay = 5 * time.Second
	group(p.cmd)
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("interop: start Python: %w", err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("interop: start Python: %w", err)
	}
	go func() {
		_ = p.cmd.Wait() // being told to end is an error, too
		close(p.exited)
	}()
	return p, nil
}

// environment has nothing of ours in it: no proxies, no Python settings, no
// credentials.
func environment(dir string) []string {
	return []string{
		"PATH=/usr/local/bin:/usr/bin:/bin",
		"HOME=" + dir,
		"TMPDIR=" + dir,
		"XDG_CACHE_HOME=" + dir,
		"XDG_CONFIG_HOME=" + dir,
		"XDG_DATA_HOME=" + dir,
		"LANG=C.UTF-8",
		"PYTHONUNBUFFERED=1",
		"PYTHONNOUSERSITE=1",
		"CROSSBAR_NODE_ID=interop", // else the machine's name
	}
}

// end asks the process to end, ends its group after the grace, and returns when
// no process of the group is left.
func (p *process) end(grace time.Duration) error {
	p.stop.Do(func() {
		select {
		case <-p.exited: // its id may be another's by now
		default:
			terminate(p.cmd.Process.Pid)
		}
		select {
		case <-p.exited:
		case <-time.After(grace):
		}
		kill(p.cmd.Process.Pid)
		_ = p.stdin.Close() // closed before if the process was gone
		<-p.exited
		p.err = p.left(5 * time.Second)
	})
	return p.err
}

// left waits until the group is empty: its children are the system's to reap
// by now.
func (p *process) left(atMost time.Duration) error {
	for deadline := time.Now().Add(atMost); alive(p.cmd.Process.Pid); {
		if time.Now().After(deadline) {
			return errors.New("interop: processes are left in the group that was ended")
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
	cut  int // bytes that were thrown away
}

// Write implements [io.Writer] and never fails.
func (t *tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, text...)
	if over := len(t.text) - logSize; over > logSize { // seldom, and by halves
		t.text = append(t.text[:0], t.text[over:]...)
		t.cut += over
	}
	return len(text), nil
}

// mark returns the place where the log ends now, for since.
func (t *tail) mark() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cut + len(t.text)
}

// since returns what was written after the mark.
func (t *tail) since(mark int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text[min(max(mark-t.cut, 0), len(t.text)):])
}

func (t *tail) contains(text string) bool { return strings.Contains(t.since(0), text) }
