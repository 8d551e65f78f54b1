package redismemory_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(calleeVariable) != "" {
		os.Exit(calleeMain())
	}
	goleak.VerifyTestMain(m)
}
