package live

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
)

// The rules about the router.
const (
	unreachable compare.Rule = "unreachable" // nothing answers at the URL
	noRouter    compare.Rule = "no-router"   // what answers there is no WAMP router
	realmRule   compare.Rule = "realm"       // the router has no such realm
	authRule    compare.Rule = "auth"        // the router doesn't let this client in
	tlsRule     compare.Rule = "tls"         // the connection isn't secure
	featureRule compare.Rule = "feature"     // the router lacks what a dialect needs
	clockRule   compare.Rule = "clock"       // the clocks differ
	fileRule    compare.Rule = "file"        // the keyring file doesn't load
)

// diagnose says why a realm couldn't be joined, and what to do about it.
func (c *connection) diagnose(ctx context.Context, err error) compare.Finding {
	found := compare.Finding{Level: compare.Error}
	say := func(rule compare.Rule, fix, format string, args ...any) compare.Finding {
		found.Rule, found.Fix = rule, fix
		found.Message = fmt.Sprintf(format, args...)
		return found
	}
	var handshake *transport.WebsocketError
	cause := err
	if errors.As(err, &handshake) {
		cause = handshake.Err // which it doesn't unwrap to
	}
	var port *link.PortError
	if errors.As(cause, &port) || errors.Is(cause, link.ErrEnded) && errors.As(link.Probe(ctx, c.url.String(), c.config), &port) {
		return say(noRouter, "give another -router URL: "+port.Error(), "what answers at %s doesn't speak WAMP as was asked", c.url)
	}
	if tlsFix := fixTLS(cause); tlsFix != "" {
		return say(tlsRule, tlsFix, "there is no secure connection to %s: %v", c.url, err)
	}
	if c.isRefusal(err) {
		return c.refusal(err, say)
	}
	var refused *net.OpError
	switch {
	case errors.Is(cause, context.DeadlineExceeded), errors.Is(cause, client.ErrReplyTimeout):
		return say(unreachable, "check the URL, its scheme too, and that no firewall is between", "%s doesn't answer in time", c.url)
	case errors.As(cause, &refused) && refused.Op == "dial":
		return say(unreachable, "check the URL, and that the router runs there", "%s can't be reached: %v", c.url, refused.Err)
	case handshake != nil && handshake.Response != nil:
		return say(noRouter, "check the path of the URL, often /ws, and that the router serves WebSocket there",
			"%s answers, and opens no WebSocket: %v", c.url, err)
	}
	return say(noRouter, "check the URL: the scheme has to be what the router serves at that port, ws for WebSocket and tcp for RawSocket",
		"what answers at %s doesn't speak WAMP as was asked: %v", c.url, err)
}

// fixTLS says what to do where the certificate or the secure connection is at fault.
func fixTLS(err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return "give the certificate of who vouches for the router with -ca FILE"
	case errors.As(err, &name):
		return "use the name in the -router URL that the certificate is for"
	case errors.As(err, &invalid):
		return "renew the router's certificate, or set this machine's clock"
	case errors.As(err, &record):
		return "the port speaks no TLS: use another one, or ws:// or tcp://"
	}
	return ""
}

// isRefusal tells whether a router answered, and refused this client.
func (c *connection) isRefusal(err error) bool {
	text := err.Error()
	// ABORT comes as a text. After a challenge there is nothing but what the router says.
	return strings.Contains(text, wamp.ABORT.String()) || strings.Contains(text, wamp.CHALLENGE.String()) ||
		(c.auth != nil && errors.Unwrap(err) == nil)
}

func (c *connection) refusal(err error, say func(compare.Rule, string, string, ...any) compare.Finding) compare.Finding {
	text := err.Error()
	switch {
	case strings.Contains(text, string(wamp.ErrNoSuchRealm)):
		return say(realmRule, "check -realm, or make the realm in the router's configuration", "the router has no realm %q", c.realm)
	case c.auth == nil:
		return say(authRule, "give -auth and -authid, with a method that the realm takes", "the router doesn't let an anonymous client into realm %q: %v", c.realm, err)
	}
	return say(authRule, "check -authid, the secret, and that the realm takes the method", "the router doesn't let %q into realm %q by %s: %v",
		c.auth.id, c.realm, c.auth.method, err)
}
