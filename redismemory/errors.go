package redismemory

import (
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// ErrAnswer says that Redis was reached and answered with an error, or with what
// can't be. The text says what to do about it.
var ErrAnswer = errors.New("redismemory: Redis can't be used as a replay memory")

// needs is what the user of Redis has to be allowed.
const needs = "allow its user EVAL, EVALSHA, GET, SET, TIME and INFO on the keys of the prefix"

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
	"NOREPLICAS":  "too few replicas are connected",
}

// explain turns an error of the client into ours. Of what the server answered, only
// the code is kept: its texts can repeat what it was asked.
func explain(err error) error {
	var answer redis.Error
	if !errors.As(err, &answer) {
		return fmt.Errorf("redismemory: Redis can't be reached: %w", err)
	}
	code, _, _ := strings.Cut(answer.Error(), " ")
	hint, known := hints[code]
	if !known {
		code, hint = "ERR", "use Redis 7 or later, and "+needs
	}
	return fmt.Errorf("%w: %s: %s", ErrAnswer, code, hint)
}
