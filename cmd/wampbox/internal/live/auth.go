package live

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gammazero/nexus/v3/wamp/crsign"
)

// Methods of authentication, by their WAMP names.
const (
	ticketMethod = "ticket"
	craMethod    = "wampcra"
)

// auth is how a client proves who it is.
type auth struct {
	method string
	id     string
	read   func() (string, error) // the secret
}

// errAuth repeats nothing: the secret itself may have been written there.
var errAuth = errors.New("-auth: write ticket:file:PATH, ticket:env:NAME, wampcra:file:PATH or wampcra:env:NAME; " +
	"the secret itself doesn't belong on the command line, where others can read it")

// newAuth reads what the flags say, nil where they say nothing.
func newAuth(text, id string) (*auth, error) {
	if text == "" {
		if id != "" {
			return nil, errors.New("-authid goes with -auth")
		}
		return nil, nil
	}
	parts := strings.SplitN(text, ":", 3)
	if len(parts) < 3 || parts[2] == "" {
		return nil, errAuth
	}
	a := &auth{method: parts[0], id: id}
	if a.method != ticketMethod && a.method != craMethod {
		return nil, errAuth
	}
	switch where := parts[2]; parts[1] {
	case "file":
		a.read = func() (string, error) { return secretIn(where) }
	case "env":
		a.read = func() (string, error) {
			secret := os.Getenv(where)
			if secret == "" {
				return "", errors.New("-auth: the environment has no variable of that name, or an empty one; the secret itself doesn't belong on the command line")
			}
			return secret, nil
		}
	default:
		return nil, errAuth
	}
	if id == "" {
		return nil, errors.New("-auth needs the -authid that the secret belongs to")
	}
	return a, nil
}

// maxSecret bounds a ticket, in bytes: tokens of some kilobytes are in use.
const maxSecret = 64 << 10

// secretIn reads the first line of a file.
func secretIn(path string) (string, error) {
	file, err := os.Open(path)
	if at, ok := errors.AsType[*fs.PathError](err); ok && !errors.Is(err, fs.ErrPermission) {
		return "", fmt.Errorf("-auth: %w (give the name of a file; what is to be in it doesn't belong on the command line)", at.Err)
	}
	if err != nil {
		return "", fmt.Errorf("-auth: %w", err)
	}
	defer func() { _ = file.Close() }()
	line, err := bufio.NewReader(io.LimitReader(file, maxSecret)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("-auth: %w", err)
	}
	secret := strings.TrimRight(line, "\r\n")
	if secret == "" {
		return "", fmt.Errorf("-auth: %s has nothing in its first line", path)
	}
	return secret, nil
}

// handler answers the router's challenge.
func (a *auth) handler() (client.AuthFunc, error) {
	secret, err := a.read()
	if err != nil {
		return nil, err
	}
	if a.method == craMethod {
		return func(c *wamp.Challenge) (string, wamp.Dict) {
			return crsign.RespondChallenge(secret, c, nil), wamp.Dict{}
		}, nil
	}
	return func(*wamp.Challenge) (string, wamp.Dict) { return secret, wamp.Dict{} }, nil
}
