package live

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// examineRouter joins the realm and looks at what the router says. The error is about
// this end: a secret that can't be read, or an interruption.
func (env Env) examineRouter(ctx context.Context, e *examination) error {
	c := e.connection
	e.checkSecrecy()
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	cfg, err := c.current()
	if err != nil {
		return err
	}
	var certificates []time.Time // when they end
	if c.secure() {
		cfg.TlsCfg = watching(cfg.TlsCfg, &certificates)
	}
	session, err := transparency.ConnectNet(ctx, c.url.String(), cfg, cmp.Or(e.ring, keyring.New()))
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && cause != context.DeadlineExceeded {
			return cause
		}
		e.findings = append(e.findings, c.diagnose(ctx, err))
		return nil
	}
	e.checkFeatures(session)
	e.checkCertificates(certificates)
	e.checkClock(ctx)
	env.note("the router at %s is there, and has realm %q", c.url, c.realm)
	if e.procedure != "" && e.ring != nil {
		err = e.probe(ctx, env, session)
	}
	return errors.Join(err, leave(session))
}

// found adds a finding about the router.
func (e *examination) found(level compare.Level, rule compare.Rule, fix, format string, args ...any) {
	e.findings = append(e.findings, compare.Finding{Level: level, Rule: rule, Message: fmt.Sprintf(format, args...), Fix: fix})
}

// checkSecrecy warns of what goes over a network in the open.
func (e *examination) checkSecrecy() {
	c := e.connection
	if c.secure() || c.url.Scheme == "unix" || loopback(c.url.Hostname()) {
		return
	}
	shows := "URIs, sizes and times are"
	if c.auth != nil && c.auth.method == ticketMethod {
		shows = "the ticket, URIs, sizes and times are"
	}
	e.found(compare.Warning, tlsRule, "use wss:// or tcps://",
		"the connection to %s has no TLS: %s open to the network, and anyone there can play the router", c.url, shows)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// watching notes when the certificates end that the router shows.
func watching(config *tls.Config, ends *[]time.Time) *tls.Config {
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	config = config.Clone()
	config.VerifyConnection = func(state tls.ConnectionState) error {
		for _, certificate := range state.PeerCertificates {
			*ends = append(*ends, certificate.NotAfter)
		}
		return nil
	}
	return config
}

// renewal is how long before its end a certificate should have been renewed.
const renewal = 14 * 24 * time.Hour

func (e *examination) checkCertificates(ends []time.Time) {
	if len(ends) == 0 {
		return
	}
	if end := slices.MinFunc(ends, time.Time.Compare); time.Until(end) < renewal {
		e.found(compare.Warning, tlsRule, "renew it", "the router's certificate ends at %s", end.UTC().Format(time.RFC3339))
	}
}

// fixes are what to do where a router doesn't carry a dialect. Any router carries ours.
var fixes = map[cryptobox.Dialect]string{
	cryptobox.Autobahn: "use Crossbar.io, or the default dialect where no Autobahn is at the other end",
	cryptobox.Passthru: "use a router that has it, as nexus does, or the default dialect where both ends are this library",
}

// checkFeatures tells which dialects of the file the router doesn't carry.
func (e *examination) checkFeatures(session *transparency.Session) {
	roles := wamp.DictChild(session.RealmDetails(), "roles")
	used := e.ours.Dialects(time.Now())
	for _, name := range slices.Sorted(maps.Keys(used)) {
		dialect, err := cryptobox.ParseDialect(name)
		if err != nil || !dialect.Foreign() {
			continue
		}
		needs := wire.TraitsOf(dialect).Require
		var lacks []string
		for _, role := range []string{wamp.RoleBroker, wamp.RoleDealer} {
			if _, has := roles[role]; has && !session.HasFeature(role, needs) {
				lacks = append(lacks, role)
			}
		}
		if len(lacks) > 0 {
			e.findings = append(e.findings, compare.Finding{
				Level: compare.Error, Rule: featureRule, Pattern: used[name].URI, Match: used[name].Match.String(),
				Message: fmt.Sprintf("it has the dialect %v, and the router doesn't announce %s as %s, which that needs", dialect, needs, strings.Join(lacks, " and ")),
				Fix:     fixes[dialect],
			})
		}
	}
}

// clockSkew is what transparency.WithClockSkew allows by default.
const clockSkew = 30 * time.Second

// checkClock compares this machine's clock with that of the router's web server, where
// there is one that tells: WAMP itself has no time.
func (e *examination) checkClock(ctx context.Context) {
	c := e.connection
	scheme, web := map[string]string{"ws": "http", "http": "http", "wss": "https", "https": "https"}[c.url.Scheme]
	if !web {
		return
	}
	u := *c.url
	u.Scheme = scheme
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, u.String(), nil)
	if err != nil {
		return
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: c.config.TlsCfg, DisableKeepAlives: true}
	before := time.Now()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return // as good as a server that doesn't tell
	}
	_ = response.Body.Close()
	theirs, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return
	}
	if ahead := aheadBy(theirs, before, time.Now()); cmp.Compare(ahead.Abs(), clockSkew) > 0 {
		e.found(compare.Warning, clockRule, "set both clocks by NTP, and look at the peer's too: what a clock seals that is ahead by more than 30s is refused, and what one seals that is behind may be",
			"by the router's word its clock and this one differ by %v", ahead.Abs())
	}
}

// aheadBy gives how far a clock is ahead that told whole seconds some time between two
// moments of this one.
func aheadBy(theirs, earliest, latest time.Time) time.Duration {
	switch {
	case theirs.Add(time.Second).Before(earliest):
		return theirs.Add(time.Second).Sub(earliest).Round(time.Second)
	case theirs.After(latest):
		return theirs.Sub(latest).Round(time.Second)
	}
	return 0
}
