package live

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// checkURI refuses what can't be the topic or procedure of one message. What it is called
// is as help writes it.
func (env Env) checkURI(cmd *cli.Command, what, uri string) error {
	if err := env.checkPlace(cmd, what, uri); err != nil {
		return err
	}
	one := "a call is for one procedure"
	if cmd.Name == "pub" {
		one = "an event goes to one topic"
	}
	var refused *keyring.Error
	switch err := keyring.Exact(uri).Validate(); {
	case keyring.ParsePattern(uri).Match != keyring.MatchExact, strings.ContainsAny(uri, "*#"):
		return env.Usage(cmd, "%s is a pattern, not a URI: %s, such as com.myapp.hello; a URI has no empty component, no * and no #", shown(uri), one)
	case errors.As(err, &refused):
		return env.Usage(cmd, "%s is no URI: %s", shown(uri), strings.TrimPrefix(refused.Cause(), keyring.ErrPattern.Error()+": "))
	}
	return nil
}

// checkPlace refuses what belongs in another place of the command line.
func (env Env) checkPlace(cmd *cli.Command, what, uri string) error {
	if uri == "" { // as an unset variable of a shell makes it
		return env.Usage(cmd, "%s is missing", what)
	}
	if _, err := cryptobox.ParsePrivateKey(uri); err == nil {
		return env.Usage(cmd, "there is a key where %s is wanted: others may have seen it on the command line, so use it no more", what)
	}
	if info, err := os.Stat(uri); err == nil && info.Mode().IsRegular() && (filepath.Ext(uri) == ".json" || strings.ContainsRune(uri, filepath.Separator)) {
		return env.Usage(cmd, "%s is a file, and stands where %s is wanted: the keyring file comes behind -keyring", shown(uri), what)
	}
	return nil
}

// shown is a word of the command line as errors repeat it.
func shown(word string) string { return fmt.Sprintf("%.100q", word) }
