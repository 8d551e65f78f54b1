package interop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// logSize bounds what is kept of most processes' logs: their end, in bytes.
	logSize = 256 << 10
	// endTime is how long a process may take to end when it is asked to.
	endTime = 5 * time.Second
)

// process is a running Python script in a process group and a folder of its own.
// Scripts end when their standard input closes.
type process struct {
	dir    string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	log    *tail
	exited chan struct{} // closed when the first process has ended
	stop   sync.Once
	err    error // of stopping
}

// startPython runs a script in a new folder, which is all it has for a home, with
// the files beside it that are given. Its standard output is written to out, or to
// the log if out is nil.
func startPython(python string, script []byte, files fs.FS, out io.Writer, args ...string) (*process, error) {
	dir, err := os.MkdirTemp("", "wampbox-interop-")
	if err != nil {
		return nil, fmt.Errorf("interop: make a folder: %w", err)
	}
	p := &process{dir: dir, log: &tail{}, exited: make(chan struct{})}
	if err := p.start(python, script, files, out, args); err != nil {
		return nil, errors.Join(fmt.Errorf("interop: start Python: %w", err), os.RemoveAll(dir))
	}
	return p, nil
}

func (p *process) start(python string, script []byte, files fs.FS, out io.Writer, args []string) (err error) {
	path := filepath.Join(p.dir, "main.py")
	if err := os.WriteFile(path, script, 0o600); err != nil {
		return err
	}
	if files != nil {
		if err := os.CopyFS(p.dir, files); err != nil {
			return err
		}
	}
	p.cmd = exec.Command(python, append([]string{path}, args...)...)
	p.cmd.Dir = p.dir
	p.cmd.Env = environment(p.dir)
	p.cmd.Stdout, p.cmd.Stderr = out, p.log
	if out == nil {
		p.cmd.Stdout = p.log
	}
	p.cmd.WaitDelay = 5 * time.Second
	group(p.cmd)
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = p.cmd.Wait() // being told to end is an error, too
		close(p.exited)
	}()
	return nil
}

// says waits until the log has the text.
func (p *process) says(ctx context.Context, text string) error {
	for {
		var err error
		select {
		case <-p.exited:
			err = errors.New("it ended")
		case <-ctx.Done():
			err = context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
		if p.log.contains(text) {
			return nil
		}
		if err != nil {
			return err
		}
	}
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

// end asks the process to end, ends its group after a while, and returns when
// no process of the group is left, nor the folder. Further calls return the same.
func (p *process) end() error {
	p.stop.Do(func() {
		select {
		case <-p.exited: // its id may be another's by now
		default:
			terminate(p.cmd.Process.Pid)
		}
		select {
		case <-p.exited:
		case <-time.After(endTime):
		}
		kill(p.cmd.Process.Pid)
		_ = p.stdin.Close() // closed before if the process was gone
		<-p.exited
		p.err = errors.Join(p.left(5*time.Second), os.RemoveAll(p.dir))
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

// Log returns the end of what the process printed and logged.
func (p *process) Log() string { return p.log.since(0) }

// endWith ends the process with the test, and logs what it logged if that failed.
func (p *process) endWith(t testing.TB, name string) {
	t.Cleanup(func() {
		if err := p.end(); err != nil {
			t.Errorf("stop %s: %v", name, err)
		}
		if t.Failed() {
			t.Logf("the log of %s:\n%s", name, p.Log())
		}
	})
}

// tail keeps the end of what is written to it.
type tail struct {
	whole bool // all is kept

	mu   sync.Mutex
	text []byte
	cut  int // bytes that were thrown away
}

// Write implements [io.Writer] and never fails.
func (t *tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, text...)
	if over := len(t.text) - logSize; over > logSize && !t.whole { // seldom, and by halves
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
