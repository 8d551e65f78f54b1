package interop_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(proc.Main(interop.Main(m))) }

// patience is how long a test waits for what must come, on a busy machine too.
const patience = time.Minute

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func TestVersions(t *testing.T) {
	suite := interop.Start(t)
	versions := suite.Python.Versions()
	t.Logf("the suite runs against %s", versions)
	if versions.Python == "" || versions.Crossbar == "" || versions.Autobahn == "" {
		t.Errorf("versions are missing: %+v", versions)
	}
}
