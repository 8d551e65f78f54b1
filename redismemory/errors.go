package redismemory

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// ErrAnswer says that Redis was reached and answered with an error, or with something
// impossible. The text says what to do about it.
var ErrAnswer = errors.New("redismemory: Redis can't be used as a replay memory")

// needs is what the user of Redis has to be allowed.
const needs = "allow the client's user EVAL, EVALSHA, GET, SET, TIME and INFO, and to read and write the keys of the prefix"

// hints says what to do about an error of Redis, by its code.
var hints = map[string]string{
	"EVICTS":      "set maxmemory-policy to noeviction, else it forgets what must not come back",
	"NORUN":       "INFO has no run_id, so a restart can't be told: use another server",
	"NOTOURS":     "another program uses these keys: choose another with WithPrefix",
	"WRONGTYPE":   "another program uses these keys: choose another with WithPrefix",
	"OOM":         "it is full: raise maxmemory",
	"NOPERM":      needs,
	"NOAUTH":      "give the client a password",
	"WRONGPASS":   "give the client the right user and password",
	"READONLY":    "it is a replica: connect to the master, by Sentinel if that changes",
	"LOADING":     "it is loading its data: wait",
	"MISCONF":     "it can't save its data: see its log",
	"CLUSTERDOWN": "the cluster is incomplete: see its log",
	"NOREPLICAS":  "it has fewer replicas than min-replicas-to-write: see why",
	"MASTERDOWN":  "it is a replica that has lost its master: connect to the master",
	"MOVED":       "it is a node of a cluster: use redis.NewClusterClient",
	"BUSY":        "it runs a script that doesn't end: see which, SCRIPT KILL ends it",
	"DENIED":      "it serves its own machine alone: give it a password",
	full:          "it has too many clients: raise maxclients",
	"ERR":         "see its log, and that it is Redis 7 or later with EVAL and EVALSHA",
}

// full is what we name one error by that has no code of its own.
const full = "MAXCLIENTS"

// explain turns an error of the client into ours. Of what the server answered, only
// the code is kept: its texts can repeat what it was asked.
func explain(err error) error {
	var answer redis.Error
	if broken(err) {
		return errReply
	}
	if !errors.As(err, &answer) {
		return fmt.Errorf("redismemory: Redis can't be reached: %w", err)
	}
	code, text, _ := strings.Cut(answer.Error(), " ")
	switch {
	case strings.HasPrefix(text, "The user executing the script can't"), strings.HasPrefix(text, "ACL failure in script"):
		code = "NOPERM"
	case strings.HasPrefix(text, "max number of clients"):
		code = full
	case hints[code] == "":
		code = "ERR"
	}
	return fmt.Errorf("%w: %s: %s", ErrAnswer, code, hints[code])
}

// broken reports whether what the client says is that it can't read an answer. It quotes
// that, at any length.
func broken(err error) bool {
	if _, ok := errors.AsType[*strconv.NumError](err); ok || errors.Is(err, errReply) {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "redis: can't parse") || strings.Contains(text, "redis: invalid reply")
}
