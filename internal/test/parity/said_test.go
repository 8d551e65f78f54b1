package parity_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gammazero/nexus/v3/client"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// sentinels are the errors that an application branches on.
var sentinels = []struct {
	name string
	err  error
}{
	{"ErrAlreadyClosed", client.ErrAlreadyClosed},
	{"ErrCallerNoProg", client.ErrCallerNoProg},
	{"ErrNotConn", client.ErrNotConn},
	{"ErrNotRegistered", client.ErrNotRegistered},
	{"ErrNotSubscribed", client.ErrNotSubscribed},
	{"ErrReplyTimeout", client.ErrReplyTimeout},
	{"ErrRouterNoRoles", client.ErrRouterNoRoles},
	{"ErrProgCallNotSupportedByRouter", client.ErrProgCallNotSupportedByRouter},
	{"ErrPPTSchemeInvalid", client.ErrPPTSchemeInvalid},
	{"ErrPPTSerializerInvalid", client.ErrPPTSerializerInvalid},
	{"ErrPPTNotSupportedByRouter", client.ErrPPTNotSupportedByRouter},
	{"ErrCloseTimeout", transparency.ErrCloseTimeout},
	{"ErrOption", transparency.ErrOption},
	{"context.Canceled", context.Canceled},
	{"context.DeadlineExceeded", context.DeadlineExceeded},
}

var namedURI = regexp.MustCompile(`wamp\.(error|close)\.[a-z_.]*[a-z_]`)

// said is what an error says to a program: the sentinels it is, or the RPCError and all
// of it, or the WAMP URIs that it names; and which of the words are in its text.
func said(err error, words ...string) string {
	if err == nil {
		return "no error"
	}
	var parts []string
	var raised client.RPCError
	var refused *transparency.Error
	switch {
	case errors.As(err, &raised):
		parts = append(parts, saidRPC(raised))
	case errors.As(err, &refused):
		parts = append(parts, fmt.Sprintf("transparency.Error %s: %s", refused.Op, refused.Reason))
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			parts = append(parts, s.name)
		}
	}
	if parts == nil {
		uris := namedURI.FindAllString(err.Error(), -1)
		slices.Sort(uris)
		parts = append(append(parts, "error"), slices.Compact(uris)...)
	}
	for _, word := range words {
		if word != "" && strings.Contains(err.Error(), word) {
			parts = append(parts, fmt.Sprintf("%q", word))
		}
	}
	return strings.Join(parts, " ")
}

// heard is which of the words an error has, for errors that tell what the router said
// while joining: a Session's may say more.
func heard(err error, words ...string) string {
	if err == nil {
		return "no error"
	}
	s := "an error"
	for _, word := range words {
		if strings.Contains(err.Error(), word) {
			s += fmt.Sprintf(" with %q", word)
		}
	}
	return s
}

// saidRPC has values without their types, which differ from link to link.
func saidRPC(raised client.RPCError) string {
	if raised.Err == nil {
		return "RPCError without an ERROR"
	}
	s := fmt.Sprintf("RPCError %s of %s to %s", raised.Err.Error, raised.Procedure, raised.Err.Type)
	if len(raised.Err.Arguments) > 0 {
		s += fmt.Sprintf(" %v", raised.Err.Arguments)
	}
	if len(raised.Err.ArgumentsKw) > 0 {
		s += fmt.Sprintf(" %v", raised.Err.ArgumentsKw)
	}
	return s
}
