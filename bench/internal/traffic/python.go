package traffic

import (
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

const (
	pythonPlain  = "Autobahn|Python, plain"
	pythonSealed = "Autobahn|Python, sealed"
)

//go:embed autobahn/party.py
var partyProgram []byte

// party is an Autobahn session in a process of its own.
type party struct{ process *proc.Process }

// command is one line to a party, answer what comes back.
type (
	command map[string]any
	answer  struct {
		Ready     bool      `json:"ready"`
		Failed    string    `json:"failed"`
		Elapsed   int64     `json:"elapsed"`   // nanoseconds
		Latencies []float64 `json:"latencies"` // nanoseconds
		CPU       int64     `json:"cpu"`       // nanoseconds
	}
)

func startParty(ctx context.Context, python, dir string) (*party, error) {
	script := filepath.Join(dir, "party.py")
	if err := os.WriteFile(script, partyProgram, 0o600); err != nil {
		return nil, err
	}
	process, err := proc.Start(ctx, "Autobahn session", exec.Command(python, script))
	if err != nil {
		return nil, err
	}
	if a, err := parseAnswer(process.Banner()); err != nil || !a.Ready {
		return nil, errors.Join(fmt.Errorf("traffic: the Python party says %.200q", process.Banner()), err, process.Stop())
	}
	return &party{process}, nil
}

// parseAnswer reads a party's line.
func parseAnswer(line string) (answer, error) {
	var a answer
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		return answer{}, fmt.Errorf("traffic: the Python party's answer %.200q: %w", line, err)
	}
	if a.Failed != "" {
		return answer{}, fmt.Errorf("traffic: the Python party failed: %s", a.Failed)
	}
	return a, nil
}

func (p *party) do(ctx context.Context, op string, cmd command) (answer, error) {
	cmd["op"] = op
	line, err := json.Marshal(cmd)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	text, err := p.process.Ask(ctx, string(line))
	if err != nil {
		return answer{}, err
	}
	return parseAnswer(text)
}

// pythonPair is two Autobahn sessions, each in a process of its own.
type pythonPair struct {
	title     string
	procedure string
	near, far *party
}

// newPythonPair starts a pair; a sealed one has a key of the library's making.
func newPythonPair(ctx context.Context, python, dir, url string, s wireSerializer, sealed bool) (pair *pythonPair, err error) {
	pair = &pythonPair{title: contenderName(pythonPlain, s.name), procedure: "com.myapp.plaintext.python." + s.name}
	var originator, responder map[string]string
	if sealed {
		pair.title, pair.procedure = contenderName(pythonSealed, s.name), prefix+"python."+s.name
		keys := newParties()
		originator = map[string]string{"originator_priv": base64Key(keys.originator), "responder_pub": keys.responder.Public().String()}
		responder = map[string]string{"responder_priv": base64Key(keys.responder), "originator_pub": keys.originator.Public().String()}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, pair.close())
		}
	}()
	join := func(keys map[string]string) (*party, error) {
		p, err := startParty(ctx, python, dir)
		if err != nil {
			return nil, err
		}
		cmd := command{"url": url, "realm": realm, "serializer": s.name, "uri": prefix, "keys": keys}
		if _, err := p.do(ctx, "join", cmd); err != nil {
			return nil, errors.Join(err, p.process.Stop())
		}
		return p, nil
	}
	if pair.near, err = join(originator); err != nil {
		return nil, err
	}
	if pair.far, err = join(responder); err != nil {
		return nil, err
	}
	_, err = pair.far.do(ctx, "register", command{"procedure": pair.procedure})
	return pair, err
}

// base64Key is a key as Autobahn takes it. It is made for this run and used nowhere
// else.
func base64Key(key cryptobox.PrivateKey) string {
	return base64.StdEncoding.EncodeToString(key.UnsafeBytes())
}

func (p *pythonPair) name() string { return p.title }

func (p *pythonPair) close() error {
	var errs []error
	for _, end := range []*party{p.near, p.far} {
		if end != nil {
			errs = append(errs, end.process.Stop())
		}
	}
	return errors.Join(errs...)
}

func (p *pythonPair) run(ctx context.Context, task string, size, atOnce int, atLeast time.Duration) (*outcome, error) {
	if task != Calls {
		return nil, fmt.Errorf("traffic: Python parties don't do %s", task)
	}
	before, err := p.far.do(ctx, "cpu", command{})
	if err != nil {
		return nil, err
	}
	a, err := p.near.do(ctx, "calls", command{
		"procedure": p.procedure, "text": payload(size), "at_once": atOnce, "nanoseconds": atLeast.Nanoseconds(),
	})
	if err != nil {
		return nil, err
	}
	after, err := p.far.do(ctx, "cpu", command{})
	if err != nil {
		return nil, err
	}
	out := &outcome{
		elapsed:   time.Duration(a.Elapsed),
		latencies: a.Latencies,
		clientCPU: time.Duration(a.CPU + after.CPU - before.CPU),
	}
	return out, out.check()
}
