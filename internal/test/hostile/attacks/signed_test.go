package attacks_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Those who hold keys attack one another, with the router's help. Mallory reads, and is listed
// among those who send and those who answer (harness.DoingBoth).

// mallory is what it can do: all but sign for others.
type mallory struct {
	*harness.RawSigned
	sign cryptobox.SigningKey
}

func (th *theatre) mallory() *mallory {
	th.t.Helper()
	return &mallory{harness.RawReader(th.t, th.Parties().Read), th.Parties().Sign[harness.DoingBoth]}
}

// message seals what mallory signs, in a context, under a nonce or a new one for nil.
func (m *mallory) message(c *harness.RawContext, nonce, record []byte) []byte {
	if nonce == nil {
		nonce = c.Nonce(cryptobox.Message, nil)
	}
	return c.Seal(cryptobox.Message, nonce, c.Signed(m.sign, cryptobox.Message, nonce, record))
}

// answer seals what mallory signs as an answer to a call.
func (m *mallory) answer(call, record []byte) []byte {
	c := m.Enter(call)
	nonce := c.Nonce(cryptobox.Answer, nil)
	return c.Seal(cryptobox.Answer, nonce, c.Signed(m.sign, cryptobox.Answer, nonce, record))
}

// again seals what is in an answer as the answer to another call, under a nonce.
func (m *mallory) again(call, answer, other, nonce []byte) []byte {
	return m.Enter(other).Seal(cryptobox.Answer, nonce, m.Enter(call).Open(cryptobox.Answer, answer))
}

// TestSignedAnswerOfAnotherCall: while a call of another's is under way, mallory has the callee
// answer a call of its own, under the nonce of the other's, and seals the answer again as that
// to the other's. The callee has signed it, and it answers mallory.
func TestSignedAnswerOfAnotherCall(t *testing.T) {
	attackSigned(t, func(t *testing.T, th *theatre) {
		m := th.mallory()
		for _, fresh := range []bool{false, true} {
			th.evil.Forget()
			type pair struct{ call, answer []byte }
			made := make(chan pair, 1)
			var once bool
			th.callee.conn.On(proxy.Down, func(message *proxy.Message, send func(...*proxy.Message)) {
				send(message)
				if !message.Is(wamp.INVOCATION) || once {
					return
				}
				once = true
				call := m.message(m.Begin(), m.Nonce(cryptobox.Message, message.Bytes()), newRawRecord(cryptobox.KindCall, th.realm, attackedURI).bytes())
				own := message.Clone()
				own.SetBytes(call)
				go func() {
					id := th.callee.inject(own)
					made <- pair{call, th.await(th.callee.conn, proxy.Up, func(m *proxy.Message) bool { return m.Answer(id) }).Bytes()}
				}()
			})
			reason := transparency.WrongRequest
			if fresh || th.Parties().Once {
				reason = transparency.WrongSender
			}
			th.caller.conn.On(proxy.Down, func(message *proxy.Message, send func(...*proxy.Message)) {
				if message.Is(wamp.RESULT) {
					own := <-made
					nonce := m.Nonce(cryptobox.Answer, own.answer)
					if fresh {
						nonce = m.Nonce(cryptobox.Answer, nil)
					}
					message.SetBytes(m.again(own.call, own.answer, th.lastCall(), nonce))
				}
				send(message)
			})
			harness.RequireReason(t, th.call("x"), reason)
			th.caller.refuses("result", reason)
			harness.Receive(t, th.callee.served)
			harness.Receive(t, th.callee.served)
		}
	})
}

// TestSignedRetainedAgain: a retained event comes once, however often a reader seals it again.
func TestSignedRetainedAgain(t *testing.T) {
	const skew = 50 * time.Millisecond
	attackSigned(t, func(t *testing.T, th *theatre) {
		kept := th.publishedWith(wamp.Dict{"retain": true})
		kept.Details()["retained"] = true
		time.Sleep(2 * skew)
		asking := th.join(th.ResponderKey(), th.realm, transparency.WithClockSkew(skew))
		asking.subscribe(attackedURI, wamp.Dict{"get_retained": true})
		asking.inject(kept)
		harness.Receive(t, asking.events)
		m := th.mallory()
		in := m.Enter(kept.Bytes())
		plaintext := in.Open(cryptobox.Message, kept.Bytes())
		for name, enc := range map[string][]byte{
			"as it was":                in.Seal(cryptobox.Message, m.Nonce(cryptobox.Message, kept.Bytes()), plaintext),
			"under a new nonce":        in.Seal(cryptobox.Message, m.Nonce(cryptobox.Message, nil), plaintext),
			"for a new encapsulated":   m.Begin().Seal(cryptobox.Message, m.Nonce(cryptobox.Message, kept.Bytes()), plaintext),
			"for a new one, new nonce": m.Begin().Seal(cryptobox.Message, m.Nonce(cryptobox.Message, nil), plaintext),
		} {
			reason := transparency.WrongSender
			if name == "as it was" {
				require.Equal(t, kept.Bytes(), enc)
				reason = transparency.Replayed
			}
			for _, retained := range []bool{true, false} {
				again := kept.Clone()
				again.SetBytes(enc)
				if !retained {
					delete(again.Details(), "retained")
					if reason == transparency.Replayed {
						reason = transparency.Stale
					}
				}
				th.doing = name
				th.refusesInjected(asking, attackedURI, again, reason)
			}
		}
		require.NoError(t, asking.Close())
	})
}

// TestSignedSubscriberAnswers: who reads, and sends, but isn't listed for answers, answers
// nobody: with a result, progress, an error or a refusal, in any form.
func TestSignedSubscriberAnswers(t *testing.T) {
	attackSigned(t, func(_ *testing.T, th *theatre) {
		raw, callee := th.raw(), th.Parties().Sign[harness.Responding].Public().Signer()
		subscriber := &mallory{th.mallory().RawSigned, th.Parties().Sign[harness.Originating]}
		for _, k := range payloadKinds[3:] {
			kind := map[string]cryptobox.Kind{"result": cryptobox.KindResult, "progress": cryptobox.KindProgress, "error": cryptobox.KindError}[k.op]
			for _, form := range []string{"signed", "in the callee's name", "once", "once in the callee's name", "unsigned", "a refusal", "a refusal, unsigned", "a refusal, once"} {
				th.doing = k.op + " " + form
				th.evil.Forget()
				k.refuses(th, transparency.WrongSender, func(message *proxy.Message) {
					call := th.lastCall()
					record := th.answering(raw, kind, attackedURI)
					if form[0] == 'a' {
						record = th.answering(raw, cryptobox.KindRefusal, "")
						record[realmAt], record[uriAt] = []byte{0x60}, []byte{0x60}
						record[argsAt] = append(append([]byte{0x82}, rawText("Stale")...), 1)
					}
					c := subscriber.Enter(call)
					nonce := c.Nonce(cryptobox.Answer, nil)
					realm, from, _ := rawSpeaker(record.bytes())
					now := uint64(time.Now().UnixMilli())
					once := c.Once(subscriber.sign, cryptobox.Answer, harness.Voucher{Realm: realm, From: from, NotBefore: now - 60_000, NotAfter: now + 60_000}, record.bytes())
					plaintext := map[string][]byte{
						"signed": c.Signed(subscriber.sign, cryptobox.Answer, nonce, record.bytes()), "once": once,
						"unsigned": append([]byte{0}, record.bytes()...),
					}
					plaintext["in the callee's name"] = bytes.Clone(plaintext["signed"])
					plaintext["once in the callee's name"] = bytes.Clone(once)
					plaintext["a refusal"], plaintext["a refusal, unsigned"], plaintext["a refusal, once"] = plaintext["signed"], plaintext["unsigned"], once
					for _, name := range []string{"in the callee's name", "once in the callee's name"} {
						copy(plaintext[name][1:], callee[:])
					}
					message.SetBytes(c.Seal(cryptobox.Answer, nonce, plaintext[form]))
				})
			}
		}
	})
}

// TestSignedForgedEvent: a reader who sends makes up events, calls and chunks: they come as its
// own, or not at all.
func TestSignedForgedEvent(t *testing.T) {
	attackSigned(t, func(t *testing.T, th *theatre) {
		m, originator := th.mallory(), th.Parties().Sign[harness.Originating].Public().Signer()
		for kind, honest := range th.rawMessages() {
			record := newRawRecord(kind, th.realm, attackedURI).bytes()
			c := m.Enter(honest.Bytes())
			for _, sign := range []cryptobox.SigningKey{m.sign, th.Parties().Sign[harness.Responding]} {
				nonce := c.Nonce(cryptobox.Message, nil)
				plaintext := c.Signed(sign, cryptobox.Message, nonce, record)
				copy(plaintext[1:], originator[:])
				forged := honest.Clone()
				forged.SetBytes(c.Seal(cryptobox.Message, nonce, plaintext))
				th.refusesInjected(th.callee, attackedURI, forged, transparency.WrongSender)
			}
			own := honest.Clone()
			own.SetBytes(m.message(c, nil, record))
			th.callee.inject(own)
			var details wamp.Dict
			if kind == cryptobox.KindPublish {
				details = harness.Receive(t, th.callee.events).Details
			} else {
				details = harness.Receive(t, th.callee.served).Details
			}
			info, _ := transparency.InfoFrom(details)
			require.Equal(t, transparency.Sender{Name: harness.DoingBoth, Key: m.sign.Public()}, info.Sender)
		}
	})
}

// TestSignedChunkOfAnother: who reads and sends goes on with nobody else's call, although it
// has the keys of the exchange, and whatever Session it says it is.
func TestSignedChunkOfAnother(t *testing.T) {
	attackSigned(t, func(_ *testing.T, th *theatre) {
		m, opener := th.mallory(), th.opener()
		for _, same := range []bool{true, false} {
			var first *harness.Record
			var token []byte
			var in *harness.RawContext
			th.callee.conn.On(proxy.Down, func(message *proxy.Message, send func(...*proxy.Message)) {
				if message.Is(wamp.INVOCATION) && first == nil {
					first, _ = opener.OpenPayload(message.Bytes())
					in = m.Enter(message.Bytes())
					token = in.Token(cryptobox.Message, message.Bytes(), in.Open(cryptobox.Message, message.Bytes()))
				} else if message.Is(wamp.INVOCATION) {
					record := newRawRecord(cryptobox.KindCallProgress, th.realm, attackedURI)
					record[reAt], record[seqAt] = rawBytes(token), []byte{1}
					if same {
						record[fromAt] = rawBytes(first.From[:])
					}
					message.SetBytes(m.message(in, nil, record.bytes()))
				}
				send(message)
			})
			th.requireRefused(th.callUntilRefused(2), transparency.WrongRequest)
			th.callee.refuses("invocation", transparency.WrongRequest)
			th.requireServed("x", 1)
		}
	})
}

// TestSignedProgressOfAnother: who is listed to answer as well goes on with no answer that
// another began, whatever Session it says it is.
func TestSignedProgressOfAnother(t *testing.T) {
	attackSigned(t, func(t *testing.T, th *theatre) {
		m, raw := th.mallory(), th.raw()
		for _, same := range []bool{true, false} {
			for _, last := range []bool{true, false} {
				th.evil.Forget()
				seen := 0
				var from []byte
				th.caller.conn.On(proxy.Down, func(message *proxy.Message, send func(...*proxy.Message)) {
					if !message.Is(wamp.RESULT) {
						send(message)
						return
					}
					if seen++; seen == 1 {
						in := m.Enter(th.lastCall())
						plaintext := in.Open(cryptobox.Answer, message.Bytes())
						_, speaker, _ := rawSpeaker(plaintext[harness.Fronts[plaintext[0]]:])
						from = speaker[:]
					}
					if seen == 2 && !last || seen == 4 && last {
						kind := cryptobox.KindProgress
						if last {
							kind = cryptobox.KindResult
						}
						record := th.answering(raw, kind, attackedURI)
						record[seqAt] = []byte{byte(seen - 1)}
						if same {
							record[fromAt] = rawBytes(from)
						}
						message.SetBytes(m.answer(th.lastCall(), record.bytes()))
					}
					send(message)
				})
				_, err := th.callFor("progress")
				harness.RequireReason(t, err, transparency.WrongRequest)
				op := "progress"
				if last {
					op = "result"
				}
				th.caller.refuses(op, transparency.WrongRequest)
				harness.Receive(t, th.callee.served)
				th.caller.conn.On(proxy.Down, nil)
			}
		}
	})
}

// TestSignedElsewhere: two patterns have one reading key, and each its own senders. What is
// sealed for one is nothing under the other, whoever is listed there.
func TestSignedElsewhere(t *testing.T) {
	attackSigned(t, func(t *testing.T, th *theatre) {
		p := th.Parties()
		others := p.Responder(p.Sign[harness.Responding])
		for _, c := range []struct {
			senders []keyring.Party
			reason  transparency.Reason
		}{{[]keyring.Party{p.Party(harness.DoingBoth)}, transparency.WrongSender}, {others.Senders, transparency.WrongURI}} {
			signing := others
			signing.Senders = c.senders
			require.NoError(t, th.callee.ring.Set(keyring.Exact(otherURI), keyring.Signed(signing)))
			for _, k := range payloadKinds[:3] {
				th.refusesInjected(th.callee, otherURI, k.honest(th), c.reason)
			}
			m := th.mallory()
			for kind, honest := range th.rawMessages() {
				own := honest.Clone()
				own.SetBytes(m.message(m.Begin(), nil, newRawRecord(kind, th.realm, attackedURI).bytes()))
				th.refusesInjected(th.callee, otherURI, own, transparency.WrongURI)
			}
		}
		require.NoError(t, th.callee.ring.Remove(keyring.Exact(otherURI)))
	})
}

// TestSignedRemovedOriginator: nothing of an originator arrives that was taken off the list,
// in an exchange under way neither, and nothing answers it: no progress, no result, and no
// refusal that says a word.
func TestSignedRemovedOriginator(t *testing.T) {
	const slow = harness.Prefix + "slow"
	attackSigned(t, func(t *testing.T, th *theatre) {
		party := th.Parties().Party(harness.Originating)
		pattern := keyring.Prefix(harness.Prefix)
		remove := func() { require.NoError(t, th.callee.ring.RemoveParty(pattern, keyring.RoleOriginator, party)) }
		restore := func() { require.NoError(t, th.callee.ring.AddParty(pattern, keyring.RoleOriginator, party)) }
		event, call := payloadKinds[0].honest(th), payloadKinds[1].honest(th)
		remove()
		for _, old := range []*proxy.Message{event, call} {
			th.refusesInjected(th.callee, attackedURI, old, transparency.WrongSender)
		}
		require.NoError(t, th.publish("x"))
		th.callee.refuses("event", transparency.WrongSender)
		th.requireRefused(th.call("x"), transparency.WrongSender)
		th.callee.refuses("invocation", transparency.WrongSender)
		restore()

		// Between two chunks. The second is sound, or the router broke it.
		for broken, reason := range map[bool]transparency.Reason{false: transparency.WrongSender, true: transparency.NotOpened} {
			th.evil.Forget()
			th.changeChunk(1, func(m *proxy.Message) {
				for len(th.callee.served) == 0 { // or the first is refused too
					time.Sleep(time.Millisecond)
				}
				remove()
				if broken {
					b := m.Bytes()
					b[len(b)-1] ^= 1
					m.SetBytes(b)
				}
			})
			err := th.callUntilRefused(2)
			refused := harness.RequireRefused(t, err, 0) // of which nothing opens
			require.NotEmpty(t, refused.Ref)
			th.caller.refuses("error", transparency.Refused)
			th.callee.refuses("invocation", reason)
			th.requireServed("x", 1)
			th.callee.conn.On(proxy.Down, nil)
			restore()
		}

		// While it is served.
		progressed := make(chan error, 1)
		require.NoError(t, th.callee.Register(slow, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			remove()
			progressed <- th.callee.SendProgress(ctx, wamp.List{"secret"}, nil)
			return client.InvokeResult{Args: wamp.List{"secret"}}
		}, nil))
		th.evil.Forget()
		_, err := th.caller.Call(harness.Timeout(t), slow, nil, nil, nil, func(*wamp.Result) { t.Error("progress came") })
		harness.RequireReason(t, harness.Receive(t, progressed), transparency.WrongSender)
		harness.RequireRefused(t, err, 0)
		th.caller.refuses("error", transparency.Refused)
		th.callee.refuses("yield", transparency.WrongSender)
		require.NoError(t, th.callee.Unregister(slow))
		restore()
	})
}

// TestSignedRemovedAnswerer: nor is anything taken of who may not answer any more.
func TestSignedRemovedAnswerer(t *testing.T) {
	attackSigned(t, func(t *testing.T, th *theatre) {
		party := th.Parties().Party(harness.Responding)
		for _, k := range payloadKinds[3:] {
			k.refuses(th, transparency.WrongSender, func(*proxy.Message) {
				require.NoError(t, th.caller.ring.RemoveParty(keyring.Prefix(harness.Prefix), keyring.RoleResponder, party))
			})
			require.NoError(t, th.caller.ring.AddParty(keyring.Prefix(harness.Prefix), keyring.RoleResponder, party))
		}
	})
}

// TestSignedLockout: a sender shuts out no other, by the other's Session id, with however
// large a number, in events or calls.
func TestSignedLockout(t *testing.T) {
	attackSigned(t, func(t *testing.T, th *theatre) {
		m, opener := th.mallory(), th.opener()
		for kind, honest := range th.rawMessages() {
			victim, _ := opener.OpenPayload(honest.Bytes())
			record := newRawRecord(kind, th.realm, attackedURI)
			record[fromAt], record[nAt] = rawBytes(victim.From[:]), rawInteger(1<<62)
			record[seqAt] = rawInteger(1 << 40)
			if kind == cryptobox.KindCall {
				record[seqAt] = []byte{0}
			}
			forged := honest.Clone()
			forged.SetBytes(m.message(m.Begin(), nil, record.bytes()))
			th.callee.inject(forged)
			if kind == cryptobox.KindPublish {
				harness.Receive(t, th.callee.events)
			} else {
				harness.Receive(t, th.callee.served)
			}
			for _, k := range payloadKinds[:3] {
				k.passes(th)
			}
			require.NoError(t, th.publish("x"))
			info, _ := transparency.InfoFrom(harness.Receive(t, th.callee.events).Details)
			require.Equal(t, victim.From, info.Session)
			require.Zero(t, info.Missed)
		}
	})
}

// TestSignedOnceLockout: where contexts are signed once, a reader makes up calls that count as the
// caller's, and shuts the caller's calls out. It is the price of signing once. Events are signed
// each, and come.
func TestSignedOnceLockout(t *testing.T) {
	attackWith(t, []scheme{schemes[2], schemes[4]}, func(t *testing.T, th *theatre) {
		m, opener, honest := th.mallory(), th.opener(), payloadKinds[1].honest(th)
		victim, _ := opener.OpenPayload(honest.Bytes())
		in := m.Enter(honest.Bytes())
		record := newRawRecord(cryptobox.KindCall, th.realm, attackedURI)
		record[fromAt], record[nAt] = rawBytes(victim.From[:]), rawInteger(1<<62)
		front := in.Open(cryptobox.Message, honest.Bytes())[:harness.Fronts[2]]
		forged := honest.Clone()
		forged.SetBytes(in.Seal(cryptobox.Message, m.Nonce(cryptobox.Message, nil), append(front, record.bytes()...)))
		th.callee.inject(forged)
		info, _ := transparency.InfoFrom(harness.Receive(t, th.callee.served).Details)
		require.Equal(t, harness.Originating, info.Sender.Name)
		th.requireRefused(th.call("x"), transparency.Replayed)
		th.callee.refuses("invocation", transparency.Replayed)
		payloadKinds[0].passes(th)
		require.NoError(t, th.caller.Close())
		th.caller = th.join(th.OriginatorKey(), th.realm)
	})
}

// TestBoxLockout: with a box it works, which is why there are signed envelopes.
func TestBoxLockout(t *testing.T) {
	attackBox(t, func(t *testing.T, th *theatre) {
		opener := th.opener()
		honest := payloadKinds[0].honest(th)
		victim, _ := opener.OpenPayload(honest.Bytes())
		record := newRawRecord(cryptobox.KindPublish, th.realm, attackedURI)
		record[fromAt], record[nAt] = rawBytes(victim.From[:]), rawInteger(1<<62)
		th.requireTaken(th.raw(), honest, record.bytes())
		require.NoError(t, th.publish("x"))
		th.callee.refuses("event", transparency.Replayed)
		th.rejoin()
	})
}

// TestSignedManySenders: nor by a hundred thousand Sessions of its own. With a box that works.
func TestSignedManySenders(t *testing.T) {
	t.Parallel()
	const senders = 100_000
	for signer, refused := range map[string]error{"mallory": nil, "": transparency.Stale} {
		memory, began := transparency.NewReplayMemory(), time.Now()
		accept := func(signer string, from uint32, n uint64, sent time.Time) error {
			var id cryptobox.SenderID
			id[0], id[1], id[2], id[3] = byte(from), byte(from>>8), byte(from>>16), 1
			return memory.Accept(t.Context(), &transparency.ReplayMessage{
				Scope: "event prefix com.myapp.", Secret: "one", Signer: signer, Bound: true, Sender: id, Counter: n,
				Sent: sent, Expires: sent.Add(5 * time.Minute), Skew: time.Minute,
			})
		}
		victim := signer
		if victim != "" {
			victim = "victim"
		}
		require.NoError(t, accept(victim, 1<<20, 1, began))
		for from := range uint32(senders + 1) {
			_ = accept(signer, from, 1, began.Add(30*time.Second+time.Duration(from)*time.Millisecond))
		}
		err := accept(victim, 1<<20, 2, began.Add(time.Second))
		require.ErrorIs(t, err, refused)
		t.Logf("signer %q: %d senders in %v, then the victim: %v", signer, senders, time.Since(began), err)
	}
}
