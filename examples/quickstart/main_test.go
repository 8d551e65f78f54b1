package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func timeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestRun(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(timeout(t), &out))
	for _, text := range []string{
		`PUBLISH [16,1`, `CALL [48,2`, `YIELD [70,1`, `ERROR [8,68,2`,
		`event ["Hello from the originator",23]`,
		`result ["my name is Responder"]`,
		"sealed for another URI",
		`PUBLISH [16,6,{},"com.myapp.public.news",["we open at`,
		`nearly matches prefix "com.myapp.encrypted."`,
		"8 scenes came out as they should",
		"none of 11 plaintexts",
	} {
		require.Contains(t, out.String(), text)
	}
}

// TestSearchFindsPlaintext: the check at the end can fail.
func TestSearchFindsPlaintext(t *testing.T) {
	st, err := newStage(timeout(t))
	require.NoError(t, err)
	defer st.close()
	require.NoError(t, st.originator.Publish(prefix+"hello", nil, nil, nil))
	require.NoError(t, st.responder.Subscribe(prefix+"hello", func(*wamp.Event) {}, nil))
	leak := st.secret("this text leaks")
	require.NoError(t, st.search(&bytes.Buffer{}))
	options := wamp.Dict{"acknowledge": true}
	require.NoError(t, st.originator.Publish(plainPrefix+"news", options, wamp.List{leak}, nil))
	require.ErrorContains(t, st.search(&bytes.Buffer{}), "plaintext crossed the originator's connection")
}

// TestSearchFindsBase64: as a payload that isn't sealed would travel in JSON.
func TestSearchFindsBase64(t *testing.T) {
	for i := range 3 { // what stands before the text shifts its encoding
		encoded := base64.StdEncoding.EncodeToString([]byte("abc"[:i] + "this text leaks"))
		tap := &tap{messages: []message{{true, []byte(`[16,1,{},"a.b",["\u0000` + encoded + `"]]`)}}}
		require.True(t, tap.contains("this text leaks"))
		require.False(t, tap.contains("that text leaks"))
	}
}

// TestSameTellsWhatIsWrong: a scene can fail.
func TestSameTellsWhatIsWrong(t *testing.T) {
	_, err := same("event", wamp.List{1}, nil, wamp.List{1}, nil, wamp.Dict{})
	require.ErrorIs(t, err, errWrong, "it came in plain")
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.Error(t, run(ctx, &bytes.Buffer{}))
}
