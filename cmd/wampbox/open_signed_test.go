package main_test

import (
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// wampMessage gives a payload the form of a message in JSON, as it was captured.
func wampMessage(head string, enc []byte) []byte {
	return []byte("[" + head + `,[],{"enc":"\u0000` + base64.StdEncoding.EncodeToString(enc) + `"}]`)
}

// TestOpenSigned: what was sent opens with the file of who receives, and tells who signed it; an
// answer does with its call besides.
func TestOpenSigned(t *testing.T) {
	for name, args := range map[string][]string{"signed": nil, "signed-pq": {"-suite", "signed-pq"}, "signed once": {"-signed-once"}, "any answerer": {"-any-answerer"}} {
		t.Run(name, func(t *testing.T) {
			dir, id := begunSigned(t, append(args, "-both")...)
			originator, responder, does := both(dir)[0], both(dir)[1], filepath.Join(dir, bothFile)
			x := exchange(t, originator, responder)
			call, told := wampMessage(`48,1,{},"com.x.y"`, x.call), wampMessage(`50,1,{}`, x.answer)
			callFile := write(t, "call.json", call)
			open := func(input []byte, args ...string) result {
				r := run{stdin: input}.start(t, append([]string{"open", "-uri", "com.x.y", "-keyring"}, args...)...)
				r.noSignedSecrets(t, originator, responder, does)
				return r
			}
			for _, reader := range []string{responder, does} {
				r := open(call, reader)
				require.Equal(t, []any{"ask"}, record(t, r.fine(t)).Args)
				require.Contains(t, r.err, "opened with the key of prefix \"com.x.\", id "+id)
				require.Contains(t, r.err, "signed by originator, "+verify(t, originator)+"\n")
				open(x.call, reader).fine(t) // alone, without a message around it

				open(told, reader).fails(t, 1, "give the message of the call by -call FILE")
				open(x.answer, reader).fails(t, 1, "if it is an answer, give the message of its call by -call FILE")
				r = open(told, reader, "-call", callFile)
				require.Equal(t, []any{"told"}, record(t, r.fine(t)).Args)
				switch {
				case reader == responder && name != "any answerer":
					require.Contains(t, r.err, "signed by this file's own party, "+verify(t, responder)+"\n")
				case name != "any answerer":
					require.Contains(t, r.err, "signed by responder, "+verify(t, responder)+"\n")
				case reader == does:
					require.Contains(t, r.err, "whoever has the reading key may have made it")
				}
				require.Equal(t, []any{"told"}, record(t, open(x.answer, reader, "-call", callFile).fine(t)).Args)
				other := exchange(t, originator, responder)
				open(wampMessage(`50,1,{}`, other.answer), reader, "-call", callFile).fails(t, 1, "it doesn't open as an answer to the call of -call")
			}
			open(call, originator).fails(t, 1, "it can't open what it has sealed itself")
			open(told, originator, "-call", callFile).fails(t, 1, "it can't open what it has sealed itself")
			open(told, responder, "-call", write(t, "no", []byte("hello"))).fails(t, 1, "-call: this is not a captured payload")
			open(told, responder, "-call", write(t, "box", must(base64.StdEncoding.DecodeString(ours)))).fails(t, 1, "-call: it isn't sealed under a signed key")
			open(told, responder, "-call", filepath.Join(dir, "none")).fails(t, 1, "-call: ")
			altered := append([]byte{}, x.call...)
			altered[len(altered)-1] ^= 1
			open(altered, responder).fails(t, 1, "does not open")
			open(told, responder, "-call", write(t, "altered", altered)).fails(t, 1, "-call: the payload does not open")

			wampbox(t, "remove", "-sender", "originator", "com.x.", responder).fine(t)
			open(call, responder).fails(t, 1, "no listed key has signed the message")
		})
	}
}

// TestOpenAnswerOfAnother: who receives, and isn't the one who answered, opens the answer, and is
// told that anybody who reads may have made it.
func TestOpenAnswerOfAnother(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name+".json") }
	wampbox(t, "add", "-signed", "-originator", in("web"), "-responder", in("hub"), "-responder", in("log"), "com.x.").fine(t)
	x := exchange(t, in("web"), in("hub"))
	callFile := write(t, "call", x.call)
	r := run{stdin: wampMessage(`50,1,{}`, x.answer)}.start(t, "open", "-uri", "com.x.y", "-keyring", in("log"), "-call", callFile)
	require.Equal(t, []any{"told"}, record(t, r.fine(t)).Args)
	require.Contains(t, r.err, "it isn't signed by an answerer whom this file lists: whoever has the reading key may have made it")
}

// TestSealSigned: who has the originator's part seals, who only receives doesn't.
func TestSealSigned(t *testing.T) {
	dir, id := begunSigned(t)
	args := []string{"-uri", "com.x.y", "-realm", "realm1", "-kind", "call", "-message", "-keyring"}
	r := run{stdin: []byte(`{"args": [1]}`)}.start(t, append(append([]string{"seal"}, args...), both(dir)[0])...)
	message := r.fine(t)
	require.Contains(t, r.err, "id "+id)
	r.noSignedSecrets(t, both(dir)...)
	require.Contains(t, run{stdin: []byte(message)}.start(t, "inspect").fine(t), "suite        signed\n")
	opened := run{stdin: []byte(message)}.start(t, "open", "-keyring", both(dir)[1])
	require.Equal(t, "call", record(t, opened.fine(t)).Head["kind"])
	run{stdin: []byte(`{"args": [1]}`)}.start(t, append(append([]string{"seal"}, args...), both(dir)[1])...).fails(t, 1, "role")
}

// TestOpenSignedTerminal: the names of parties go to the terminal as text.
func TestOpenSignedTerminal(t *testing.T) {
	dir, _ := begunSigned(t)
	name := "web\u202e"
	r := wampbox(t, "add", "-sender", name+"="+verify(t, both(dir)[0]), "com.x.", both(dir)[1])
	readable(t, r.out+r.err)
	require.Equal(t, 1, r.status, "a name is printable")
	readable(t, wampbox(t, "remove", "-sender", "web\x1b[31m", "com.x.", both(dir)[1]).err)
	readable(t, wampbox(t, "add", "-sender", "web\x1b[31m", "com.x.", both(dir)[1]).err)
}

// TestRevokeSigned: nothing opens of a version that was revoked, and add makes another.
func TestRevokeSigned(t *testing.T) {
	dir, id := begunSigned(t)
	sealed := exchange(t, both(dir)[0], both(dir)[1])
	r := wampbox(t, with(dir, "revoke", id)...)
	r.fine(t)
	require.Contains(t, r.err, "nothing seals for")
	for _, path := range both(dir) {
		require.Empty(t, signedSecrets(t, path), "its keys are gone")
		require.Equal(t, keyring.StateRevoked, info(t, path).State)
	}
	run{stdin: sealed.call}.start(t, "open", "-uri", "com.x.y", "-keyring", both(dir)[1]).fails(t, 1, "revoked")
	wampbox(t, with(dir, "list")...).fine(t)
	next := strings.TrimSpace(wampbox(t, "add", "-signed", "com.x.", "-originator", both(dir)[0], "-responder", both(dir)[1]).fine(t))
	require.Equal(t, map[string]string{id: "revoked", next: "active"}, states(t, both(dir)[0]))
	opensFrom(t, both(dir)[0], both(dir)[1], true)
	require.WithinDuration(t, time.Now(), info(t, both(dir)[0]).Dates.ActiveFrom, time.Minute)
	require.Equal(t, cryptobox.SuiteSigned, info(t, both(dir)[0]).Suite)
}

// TestRevokedStaysSigned: a signed version that was revoked keeps closed what isn't signed beside it,
// also in files, where little is left of it.
func TestRevokedStaysSigned(t *testing.T) {
	dir, old := begun(t)
	sealed := run{stdin: []byte("{}")}.start(t, "seal", "-keyring", both(dir)[0], "-uri", "com.x.y", "-realm", "realm1").fine(t)
	open := func() result {
		return run{stdin: []byte(sealed)}.start(t, "open", "-keyring", both(dir)[1], "-uri", "com.x.y")
	}
	next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.", "-suite", "signed", "-activate", "now")...).fine(t))
	open().fine(t)
	until := allowed(t, both(dir)[1]).Format(time.RFC3339)
	for _, path := range both(dir) {
		edit(t, path, `"allow_unsigned": "`+until+`"`, `"allow_unsigned": "2020-01-01T00:00:00Z"`)
	}
	open().fails(t, 1, "the pattern's key is signed, and versions that aren't open no more")
	wampbox(t, with(dir, "revoke", next)...).fine(t)
	require.Equal(t, map[string]string{old: "retired", next: "revoked"}, states(t, both(dir)[1]))
	open().fails(t, 1, "the pattern's key is signed, and versions that aren't open no more")
	require.Contains(t, strings.Join(findings(t, both(dir)...), ""), "unsigned: ")
	wampbox(t, with(dir, "explain", "com.x.y")...).fails2(t, "fault: ")
}
