package interop

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"testing"
	"testing/fstest"
	"time"
)

// Realm is the realm that a node serves. Anonymous clients and [AuthID] may do everything
// in it, and are disclosed to whom they call and publish to.
const Realm = "realm1"

const (
	bootComplete = "NODE_BOOT_COMPLETE"
	portTaken    = "ddress already in use"
	bootTime     = 3 * time.Minute // a busy machine's; an idle one takes 4 s
)

//go:embed python/node.py
var nodeScript []byte

// Node is a running Crossbar.io node: one router worker with [Realm], a
// WebSocket and a RawSocket endpoint on the loopback interface, each with JSON,
// MessagePack and CBOR, and a WebSocket endpoint that lets in [AuthID], and who has a role
// of its [Rules].
type Node struct {
	*process
	ports
}

// Rules are what the router allows to further roles, by their names. A client has one if it
// joins at [Node.AuthURL] with the role's name for an authid, and [Ticket].
type Rules map[string][]Rule

// Rule is a permission as Crossbar.io's configuration has it.
type Rule struct {
	URI   string          `json:"uri"`
	Match string          `json:"match"` // exact, prefix or wildcard
	Allow map[string]bool `json:"allow"` // call, register, publish, subscribe
	Cache bool            `json:"cache"`
}

// ports are those of a node's endpoints.
type ports struct{ ws, raw, auth int }

// StartNode starts a node and returns when its endpoints accept connections.
// Whoever starts it must stop it.
func StartNode(ctx context.Context, python string) (*Node, error) {
	return startRuled(ctx, python, nil, "info")
}

// startRuled starts one with further roles, that logs at a level: "info", "debug" or "trace".
func startRuled(ctx context.Context, python string, rules Rules, level string) (*Node, error) {
	for attempt := 1; ; attempt++ {
		free, err := freePorts()
		if err != nil {
			return nil, err
		}
		node, err := startNode(ctx, python, free, rules, level)
		if err == nil || !errors.Is(err, errPortTaken) || attempt == 3 {
			return node, err
		}
	}
}

var errPortTaken = errors.New("interop: another program took the node's port")

// RuledNode starts a node of the test's own, with further roles. It logs all that Crossbar.io
// can, and ends with the test.
func (s *Suite) RuledNode(t testing.TB, rules Rules) *Node {
	t.Helper()
	n, err := startRuled(t.Context(), s.interpreter, rules, "trace")
	if err != nil {
		t.Fatal(err)
	}
	n.endWith(t, "Crossbar.io")
	return n
}

func startNode(ctx context.Context, python string, at ports, rules Rules, level string) (*Node, error) {
	config, err := json.MarshalIndent(nodeConfig(at, rules), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("interop: the node's configuration: %w", err)
	}
	p, err := startPython(python, nodeScript, fstest.MapFS{"config.json": {Data: config, Mode: 0o600}}, nil, level)
	if err != nil {
		return nil, err
	}
	n := &Node{p, at}
	n.log.whole = level == "trace"
	if err := n.booted(ctx); err != nil {
		return nil, errors.Join(err, n.Stop())
	}
	return n, nil
}

func nodeConfig(at ports, rules Rules) map[string]any {
	endpoint := func(kind string, port int) map[string]any {
		return map[string]any{
			"type":        kind,
			"endpoint":    map[string]any{"type": "tcp", "interface": "127.0.0.1", "port": port},
			"serializers": []string{string(JSON), string(MessagePack), string(CBOR)},
		}
	}
	everything := map[string]any{
		"uri": "", "match": "prefix", "cache": true,
		"allow":    map[string]bool{"call": true, "register": true, "publish": true, "subscribe": true},
		"disclose": map[string]bool{"caller": true, "publisher": true},
	}
	role := func(name string) map[string]any {
		return map[string]any{"name": name, "permissions": []any{everything}}
	}
	roles := []any{role("anonymous"), role(AuthRole)}
	for name, permissions := range rules {
		roles = append(roles, map[string]any{"name": name, "permissions": permissions})
	}
	guarded := endpoint("websocket", at.auth)
	guarded["auth"] = authConfig(rules)
	router := map[string]any{
		"type":       "router",
		"realms":     []any{map[string]any{"name": Realm, "roles": roles}},
		"transports": []any{endpoint("websocket", at.ws), endpoint("rawsocket", at.raw), guarded},
	}
	return map[string]any{"version": 2, "controller": map[string]any{}, "workers": []any{router}}
}

// freePorts returns ports that were free a moment ago.
func freePorts() (free ports, err error) {
	for _, port := range []*int{&free.ws, &free.raw, &free.auth} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return ports{}, fmt.Errorf("interop: find a free port: %w", err)
		}
		defer func() { _ = l.Close() }()
		*port = l.Addr().(*net.TCPAddr).Port // what listening on TCP gives
	}
	return free, nil
}

// booted waits for what the node says last when it starts. To try its ports
// alone could reach another program, that was quicker to listen there.
func (n *Node) booted(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, bootTime)
	defer cancel()
	if err := n.says(ctx, bootComplete); err != nil {
		return n.failed(err)
	}
	for _, port := range []int{n.ws, n.raw, n.auth} {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", address(port))
		if err != nil {
			return n.failed(err)
		}
		_ = conn.Close() // it was opened to see that it opens
	}
	return nil
}

func (n *Node) failed(err error) error {
	if n.log.contains(portTaken) {
		return errPortTaken
	}
	return fmt.Errorf("interop: the Crossbar.io node didn't start: %w; its log:\n%s", err, n.Log())
}

// Stop ends the node, waits until none of its processes is left, and removes
// its folder. Further calls do nothing and return the same.
func (n *Node) Stop() error { return n.end() }

// WebSocketURL is where WebSocket clients connect to.
func (n *Node) WebSocketURL() string { return "ws://" + address(n.ws) + "/ws" }

// RawSocketURL is where RawSocket clients connect to, as nexus writes it.
func (n *Node) RawSocketURL() string { return "tcp://" + address(n.raw) }

// AutobahnRawSocketURL is the same as Autobahn writes it.
func (n *Node) AutobahnRawSocketURL() string { return "rs://" + address(n.raw) }

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
