package interop_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// A program as people write them: with a module beside it, and a URL in it.
const (
	program = `
from autobahn.twisted.wamp import ApplicationRunner, ApplicationSession
from twisted.internet import reactor
from beside import PROCEDURE

class Component(ApplicationSession):
    async def onJoin(self, details):
        print("sum", await self.call(PROCEDURE, 23, 1))
        self.leave()

    def onDisconnect(self):
        reactor.stop()

if __name__ == "__main__":
    ApplicationRunner("ws://127.0.0.1:8080", "realm1").run(Component)
`
	beside = `PROCEDURE = "com.myapp.add2"`
)

func writeProgram(t *testing.T, text string) (path string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "beside.py"), []byte(beside), 0o600))
	path = filepath.Join(dir, "program.py")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestScript(t *testing.T) {
	suite, ctx := interop.Start(t), within(t)
	py := suite.Join(t, interop.Config{})
	require.NoError(t, py.Register(ctx, "com.myapp.add2", interop.Add2(), nil))
	script := suite.Script(t, writeProgram(t, program))
	require.NoError(t, script.Says(ctx, "sum 24"))
	require.NoError(t, script.Wait(ctx))
	require.ErrorContains(t, script.Says(ctx, "sum 25"), "it ended")
}

func TestScriptFails(t *testing.T) {
	suite := interop.Start(t)
	script := suite.Script(t, writeProgram(t, `raise SystemExit(7)`))
	require.ErrorContains(t, script.Wait(within(t)), "code 7")
}
