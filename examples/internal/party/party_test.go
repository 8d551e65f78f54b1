package party_test

import (
	"os"
	"testing"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/proctest"
)

func TestMain(m *testing.M) { os.Exit(proctest.Main(m, "originator", "responder")) }

// programs are both, for what holds of both.
var programs = []string{"originator", "responder"}
