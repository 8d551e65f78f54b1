package rings

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/crypto/nacl/secretbox"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/measure"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Contenders of opening at a time.
const (
	receiving = "keyring, open, replay memory"
	opening   = "open"
	boxAlone  = "nacl/secretbox"
)

const openTask = "open from several goroutines"

var (
	goroutines   = []int{1, 2, 4}
	openedSizes  = []int{256, 16 << 10}
	openedSender = cryptobox.NewSenderID()
)

const (
	uri = "com.myapp.encrypted.bench"
	// ahead is how many messages a goroutine has sealed: sealing isn't measured.
	ahead = 64
)

// receiver is what a Session's receiving end has that several messages meet in.
type receiver struct {
	ring   *keyring.Ring
	memory transparency.ReplayMemory
	cipher cryptobox.Cipher // of the sender
	shared [32]byte         // a key of the same kind, for the box alone
}

func newReceiver() (*receiver, error) {
	originator, responder := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	r := &receiver{ring: keyring.New(), memory: transparency.NewReplayMemory(), shared: [32]byte{1}}
	if err := r.ring.Set("com.myapp.encrypted.", keyring.Prefix, keyring.Responder(responder, originator.Public())); err != nil {
		return nil, err
	}
	var err error
	r.cipher, err = cryptobox.NewBox(originator, responder.Public())
	return r, err
}

// sealed is one message in all forms.
type sealed struct {
	envelope *cryptobox.Envelope
	box      []byte // nonce, tag and ciphertext of the record's bytes
}

func (r *receiver) seal(size int) ([]sealed, error) {
	messages := make([]sealed, ahead)
	for i := range messages {
		record := &cryptobox.Record{URI: uri, Args: []any{string(make([]byte, size))}, Bind: &cryptobox.Bind{
			Kind: cryptobox.KindPublish, Realm: "realm1", From: openedSender, N: uint64(i) + 1, TS: time.Now().UnixMilli(),
		}}
		env, _, err := cryptobox.Seal(r.cipher, cryptobox.CBOR, "", record)
		if err != nil {
			return nil, err
		}
		nonce := [24]byte{byte(i), 1}
		plaintext := make([]byte, len(env.Payload)-r.cipher.Overhead())
		messages[i] = sealed{env, secretbox.Seal(nonce[:], plaintext, &nonce, &r.shared)}
	}
	return messages, nil
}

// worker opens messages, one goroutine's.
type worker struct {
	*receiver
	messages []sealed
	from     cryptobox.SenderID // that messages count as: each is then new
	n        int
}

func (w *worker) next() sealed {
	m := w.messages[w.n%len(w.messages)]
	w.n++
	return m
}

// open opens and nothing else.
func (w *worker) open() error {
	entry, _ := w.ring.Lookup(uri)
	versions, err := entry.Openers(keyring.RoleResponder, "")
	if err != nil {
		return err
	}
	record, _, err := cryptobox.Open(versions[0].Cipher(), w.next().envelope)
	if err == nil && record.URI != uri {
		err = errors.New("rings: what was opened is not what was sealed")
	}
	return err
}

// receive does all that one message shares with others on its way in: it finds the
// key, opens, and has the replay memory note that it is new.
func (w *worker) receive() error {
	entry, found := w.ring.Lookup(uri)
	if !found {
		return errors.New("rings: the URI isn't found")
	}
	m := w.next()
	versions, err := entry.Openers(keyring.RoleResponder, m.envelope.KeyID)
	if err != nil {
		return err
	}
	record, token, err := cryptobox.Open(versions[0].Cipher(), m.envelope)
	if err != nil {
		return err
	}
	sent := time.UnixMilli(record.Bind.TS)
	return w.memory.Accept(context.Background(), &transparency.ReplayMessage{
		Scope: "event exact " + uri, KeyID: versions[0].ID(), Bound: true,
		Sender: w.from, Counter: uint64(w.n), Token: token,
		Sent: sent, Expires: sent.Add(5*time.Minute + 30*time.Second), Skew: 30 * time.Second,
	})
}

func (w *worker) box() error {
	m := w.next()
	nonce := [24]byte(m.box)
	if _, ok := secretbox.Open(nil, m.box[24:], &nonce, &w.shared); !ok {
		return errors.New("rings: nacl/secretbox didn't open what it sealed")
	}
	return nil
}

// opens files how many messages a number of goroutines open each second.
func (sec *section) opens(ctx context.Context) error {
	r, err := newReceiver()
	if err != nil {
		return err
	}
	contenders := []struct {
		name string
		work func(*worker) error
	}{{receiving, (*worker).receive}, {opening, (*worker).open}, {boxAlone, (*worker).box}}
	for _, size := range openedSizes {
		sec.Progress(fmt.Sprintf("keyring: %s, %d bytes", openTask, size))
		messages, err := r.seal(size)
		if err != nil {
			return err
		}
		var jobs []measure.Job
		for _, c := range contenders {
			for _, n := range goroutines {
				jobs = append(jobs, measure.Job{Name: fmt.Sprintf("%s from %d goroutines", c.name, n), Run: func(context.Context) error {
					rate, err := r.together(messages, n, sec.InMemory, c.work)
					if err != nil {
						return err
					}
					sec.to.Add(key(openTask, c.name, size, n, report.Rate), rate)
					return nil
				}})
			}
		}
		if err := measure.TakeTurns(ctx, sec.Rounds, jobs); err != nil {
			return err
		}
	}
	return nil
}

// together has n goroutines work for the duration, and returns how often they did
// each second, all together.
func (r *receiver) together(messages []sealed, n int, atLeast time.Duration, work func(*worker) error) (float64, error) {
	runtime.GC()
	counts, errs := make([]int, n), make([]error, n)
	var workers sync.WaitGroup
	start := time.Now()
	until := start.Add(atLeast)
	for i := range n {
		workers.Go(func() {
			w := &worker{receiver: r, messages: messages, from: cryptobox.NewSenderID()}
			for time.Now().Before(until) {
				for range 16 {
					if errs[i] = work(w); errs[i] != nil {
						return
					}
				}
				counts[i] += 16
			}
		})
	}
	workers.Wait()
	elapsed := time.Since(start)
	total := 0
	for _, count := range counts {
		total += count
	}
	return float64(total) / elapsed.Seconds(), errors.Join(errs...)
}
