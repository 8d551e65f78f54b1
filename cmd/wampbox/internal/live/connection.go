package live

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"strings"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// connection is how the router is reached.
type connection struct {
	url    *url.URL
	realm  string
	auth   *auth // nil for an anonymous client
	config client.Config
}

// newConnection reads the flags.
func (env Env) newConnection(cmd *cli.Command) (*connection, error) {
	c := &connection{realm: cmd.String(realmFlag)}
	var err error
	if c.url, err = env.routerURL(cmd); err != nil {
		return nil, err
	}
	if c.realm == "" {
		return nil, env.Usage(cmd, "the realm is missing: give -realm, or set %s", realmVariable)
	}
	if c.auth, err = newAuth(cmd.String("auth"), cmd.String("authid")); err != nil {
		return nil, env.Usage(cmd, "%v", err)
	}
	c.config = client.Config{Realm: c.realm, Logger: log.New(io.Discard, "", 0)}
	c.config.Serialization = serializations[cmd.String("serialization")]
	if cmd.IsSet("ca") {
		if !c.secure() {
			return nil, env.Usage(cmd, "-ca is for connections with TLS: give a -router that begins with wss:// or tcps://")
		}
		if c.config.TlsCfg, err = trusting(cmd.String("ca")); err != nil {
			return nil, err
		}
	}
	return c, nil
}

var serializations = map[string]serialize.Serialization{
	"": client.CBOR, "cbor": client.CBOR, "msgpack": client.MSGPACK, "json": client.JSON,
}

// routerURL reads the flag. What it refuses isn't repeated: there may be a password in it.
func (env Env) routerURL(cmd *cli.Command) (*url.URL, error) {
	text := cmd.String(routerFlag)
	if text == "" {
		return nil, env.Usage(cmd, "the router is missing: give -router URL, such as ws://localhost:8080/ws, or set %s", routerVariable)
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || (u.Host == "" && u.Scheme != "unix") {
		return nil, env.Usage(cmd, "-router is no URL: write it as ws://localhost:8080/ws or tcp://localhost:8081")
	}
	if u.User != nil {
		return nil, env.Usage(cmd, "-router has a user in it: say who this is by -auth and -authid, which keep the secret from the command line")
	}
	return u, nil
}

// secure tells whether the connection has TLS.
func (c *connection) secure() bool {
	return strings.HasSuffix(c.url.Scheme, "s") && c.url.Scheme != "ws"
}

// trusting checks the router's certificate against those of a file.
func trusting(path string) (*tls.Config, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("-ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("-ca: %s has no certificate in PEM", path)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// current gives the configuration with the secret as it is now: tickets age, and the
// file has a new one.
func (c *connection) current() (client.Config, error) {
	cfg := c.config
	if c.auth == nil {
		return cfg, nil
	}
	handler, err := c.auth.handler()
	if err != nil {
		return client.Config{}, err
	}
	cfg.AuthHandlers = map[string]client.AuthFunc{c.auth.method: handler}
	if c.auth.id != "" {
		cfg.HelloDetails = wamp.Dict{"authid": c.auth.id}
	}
	return cfg, nil
}

// dial is for a transparency.ReconnectPolicy.
func (c *connection) dial(context.Context) (string, client.Config, error) {
	cfg, err := c.current()
	return c.url.String(), cfg, err
}

// join joins the realm. What fails is said with what to do about it.
func (c *connection) join(ctx context.Context, ring *keyring.Ring, opts ...transparency.Option) (*transparency.Session, error) {
	cfg, err := c.current()
	if err != nil {
		return nil, err
	}
	session, err := transparency.ConnectNet(ctx, c.url.String(), cfg, ring, opts...)
	switch {
	case err == nil:
		return session, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	why := c.diagnose(ctx, err)
	return nil, fmt.Errorf("%s; %s", why.Message, why.Fix)
}
