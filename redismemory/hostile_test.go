package redismemory_test

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/redismemory"
)

// hostile is a server that answers to every command that begins so with the same, and
// knows no other.
func hostile(t *testing.T, answer io.WriterTo, to string) string {
	t.Helper()
	return transport.Listen(t, func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		commands := bufio.NewReader(conn)
		for {
			var parts int
			if line, err := commands.ReadString('\n'); err != nil {
				return
			} else if _, err := fmt.Sscanf(line, "*%d", &parts); err != nil {
				return
			}
			var name string
			for i := range 2 * parts {
				line, err := commands.ReadString('\n')
				if err != nil {
					return
				}
				if i == 1 {
					name = strings.ToLower(line)
				}
			}
			if !strings.HasPrefix(name, to) {
				if _, err := io.WriteString(conn, "-ERR unknown command\r\n"); err != nil {
					return
				}
				continue
			}
			if _, err := answer.WriteTo(conn); err != nil {
				return
			}
		}
	})
}

// saying is an answer: a beginning, and what is repeated for as long as it is read.
type saying struct {
	begins  string
	repeats string
}

func (s saying) WriteTo(w io.Writer) (int64, error) {
	_, err := io.WriteString(w, s.begins)
	for block := strings.Repeat(s.repeats, 1+65536/(1+len(s.repeats))); err == nil && s.repeats != ""; {
		_, err = io.WriteString(w, block)
	}
	return 0, err
}

// TestHostileRedis: whatever it answers, to a command or to the client's own greeting,
// nothing is accepted, and it takes neither much memory nor much time, nor ends the process.
func TestHostileRedis(t *testing.T) {
	// The largest length, an int's, is one that overflows with two more bytes.
	most := fmt.Sprint(math.MaxInt)
	answers := map[string]saying{
		"a list of two billion": {"*2000000000\r\n", ""}, "a list of as many as there are": {"*" + most + "\r\n", ""},
		"a set": {"~2000000000\r\n", ""}, "a map": {"%2000000000\r\n", ""}, "a push": {">2000000000\r\n", ""},
		"attributes": {"|2000000000\r\n", ""}, "a long text": {"$2000000000\r\n", "x"}, "the longest text": {"$" + most + "\r\n", ""},
		"a long error": {"!2000000000\r\n", "x"}, "a verbatim text": {"=2000000000\r\n", "x"},
		"lists in lists": {"", "*1\r\n"}, "lists side by side": {"*100000\r\n", "*100000\r\n"}, "maps in maps": {"", "%1\r\n+a\r\n"},
		"attributes of attributes": {"", "|1\r\n"}, "empty attributes": {"", "|0\r\n"}, "an attribute for ever": {"", "|1\r\n+a\r\n+b\r\n"},
		"a line without an end": {"+", "x"}, "an error without an end": {"-ERR ", "x"}, "a length without an end": {"$", "1"},
		"many texts":    {"*200000\r\n", "$100\r\n" + strings.Repeat("x", 100) + "\r\n"},
		"below nothing": {"*-5\r\n", ""}, "text below nothing": {"$-2\r\n", ""}, "no length": {"*\r\n", ""}, "no number": {"*x\r\n", ""},
		"a stream": {"*?\r\n", ":1\r\n"}, "HTTP": {"HTTP/1.1 400 Bad Request\r\n\r\n", ""}, "nothing": {"", "\r\n"},
		"zero bytes": {"", "\x00"}, "line feeds": {"", "\n"}, "an integer that is none": {":x\r\n", ""}, "a boolean": {"#x\r\n", ""},
		"pushes for ever": {"", ">2\r\n+invalidate\r\n*0\r\n"},
		"nil":             {"$-1\r\n", ""}, "another answer": {"+OK\r\n", ""}, "an empty list": {"*0\r\n", ""},
		"a birth before all times": {"*3\r\n:3\r\n$5\r\n1 a b\r\n:-1\r\n", ""}, "a birth of nobody": {"*3\r\n:3\r\n$0\r\n\r\n:1\r\n", ""},
		"born again and again": {"*3\r\n:3\r\n$5\r\n1 a b\r\n:0\r\n", ""},
		"an unknown error":     {"-secret-marker of yours\r\n", ""},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			for _, to := range []string{"", "eval"} {
				rdb := redis.NewClient(&redis.Options{Addr: hostile(t, answer, to), MaxRetries: -1, ReadTimeout: 300 * time.Millisecond, PoolSize: 1})
				memory := memoryOf(t, rdb)
				began, before := time.Now(), allocated()
				for _, err := range []error{memory.Accept(within(t), bound(time.Minute)), memory.Check(within(t))} {
					requireDown(t, err)
					require.Less(t, len(err.Error()), 300)
					require.NotContains(t, err.Error(), "marker")
				}
				require.Less(t, time.Since(began), patience)
				require.Less(t, allocated()-before, uint64(200<<20))
				require.NoError(t, rdb.Close())
			}
		})
	}
}

// allocated is how many bytes were, in all.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

// TestRepliesWithinTheBounds are taken: what a client needs of Redis beside the memory's.
func TestRepliesWithinTheBounds(t *testing.T) {
	server := redismemory.StartServer(t)
	for _, protocol := range []int{2, 3} {
		rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), Protocol: protocol})
		memory, again := memoryOf(t, rdb), memoryOf(t, rdb)
		require.NoError(t, memory.Check(within(t)))
		require.NoError(t, again.Check(within(t)), "the client is bounded once")
		commands, err := rdb.Command(within(t)).Result()
		require.NoError(t, err)
		require.Greater(t, len(commands), 200)
		long := strings.Repeat("x", 10<<20)
		require.NoError(t, rdb.Set(within(t), "long", long, 0).Err())
		for range 3 {
			got, err := rdb.Get(within(t), "long").Result()
			require.NoError(t, err)
			require.Len(t, got, len(long))
		}
		require.NoError(t, rdb.Del(within(t), "long").Err())
		require.NoError(t, rdb.Close())
	}
}
