package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/gammazero/nexus/v3/wamp"
)

// options are what the flags say. An empty address switches its transport off.
type options struct {
	listen    string
	rawSocket string
	realms    []string
	show      bool
	verbose   bool
}

// addRealms takes a comma list.
func (o *options) addRealms(text string) error {
	for realm := range strings.SplitSeq(text, ",") {
		realm = strings.TrimSpace(realm)
		if !wamp.URI(realm).ValidURI(false, "") {
			return fmt.Errorf("%q isn't a realm's name: write it like realm1 or com.example.realm", realm)
		}
		if slices.Contains(o.realms, realm) {
			return fmt.Errorf("realm %q is given twice", realm)
		}
		o.realms = append(o.realms, realm)
	}
	return nil
}

func newFlags(o *options) *flag.FlagSet {
	flags := flag.NewFlagSet("router", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run reports errors and help itself
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`host:port` for WebSocket clients; empty for none")
	flags.StringVar(&o.rawSocket, "rawsocket", "127.0.0.1:8081", "`host:port` for RawSocket clients; empty for none")
	flags.Func("realm", "`names` of the realms, separated by commas; may be repeated (default realm1)", o.addRealms)
	flags.BoolVar(&o.show, "show", false, "print each event that clients publish, as the router has it")
	flags.BoolVar(&o.verbose, "verbose", false, "write the router's log to standard error")
	return flags
}

// parseOptions returns flag.ErrHelp for -h.
func parseOptions(args []string) (options, error) {
	var o options
	flags := newFlags(&o)
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if len(o.realms) == 0 {
		o.realms = []string{"realm1"}
	}
	if o.listen == "" && o.rawSocket == "" {
		return options{}, errors.New("nothing to listen on: -listen and -rawsocket are both empty")
	}
	return o, errors.Join(checkAddress("listen", o.listen), checkAddress("rawsocket", o.rawSocket))
}

func checkAddress(name, address string) error {
	if address == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return fmt.Errorf("-%s %q: write host:port, like 127.0.0.1:8080", name, address)
	}
	return nil
}

func usage() string {
	var text strings.Builder
	text.WriteString(`Runs a WAMP router for trying things out: anonymous clients, no TLS.
WebSocket clients connect to ws://host:port/ws (or /) with JSON, MessagePack or
CBOR, RawSocket clients to tcp://host:port. SIGINT (Ctrl-C) or SIGTERM ends it.

Usage: router [flags]

`)
	flags := newFlags(&options{})
	flags.SetOutput(&text)
	flags.PrintDefaults()
	text.WriteString(`
Exit codes: 0 ended by a signal, 1 can't listen, 2 wrong flags.
`)
	return text.String()
}
