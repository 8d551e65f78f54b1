package traffic

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

const realm = "realm1"

// ServeRouter runs a nexus router in this process until standard input ends. It says
// "ready URL" and answers each line with "cpu NANOSECONDS": what the process has used.
func ServeRouter(in io.Reader, out io.Writer) (err error) {
	r, err := testrouter.Start(realm)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	fmt.Fprintln(out, "ready", r.WebSocketURL())
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		used, err := cpuTime()
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "cpu", used.Nanoseconds())
	}
	return lines.Err()
}

// router is one that runs in another process.
type router struct {
	process *proc.Process
	url     string
}

func startRouter(ctx context.Context, command []string) (*router, error) {
	process, err := proc.Start(ctx, "nexus router", exec.Command(command[0], command[1:]...))
	if err != nil {
		return nil, err
	}
	url, ok := strings.CutPrefix(process.Banner(), "ready ")
	if !ok {
		return nil, errors.Join(fmt.Errorf("traffic: the router says %.200q", process.Banner()), process.Stop())
	}
	return &router{process, url}, nil
}

// cpu is what the router's process has used so far.
func (r *router) cpu(ctx context.Context) (time.Duration, error) {
	answer, err := r.process.Ask(ctx, "cpu")
	if err != nil {
		return 0, err
	}
	return parseCPU(answer)
}

func parseCPU(answer string) (time.Duration, error) {
	text, ok := strings.CutPrefix(answer, "cpu ")
	if !ok {
		return 0, fmt.Errorf("traffic: the answer %.100q isn't \"cpu NANOSECONDS\"", answer)
	}
	ns, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ns < 0 {
		return 0, fmt.Errorf("traffic: the answer %.100q isn't \"cpu NANOSECONDS\"", answer)
	}
	return time.Duration(ns), nil
}
