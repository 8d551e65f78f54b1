package telemetry_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/telemetry"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestNewRefuses(t *testing.T) {
	for name, made := range map[string]func() (*telemetry.Telemetry, error){
		"no provider":  func() (*telemetry.Telemetry, error) { return telemetry.New(nil) },
		"a nil option": func() (*telemetry.Telemetry, error) { return telemetry.New(noop.NewMeterProvider(), nil) },
		"no patterns": func() (*telemetry.Telemetry, error) {
			return telemetry.New(noop.NewMeterProvider(), telemetry.WithPatterns(0))
		},
		"too many patterns": func() (*telemetry.Telemetry, error) {
			return telemetry.New(noop.NewMeterProvider(), telemetry.WithPatterns(telemetry.MaxPatterns+1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := made()
			require.ErrorIs(t, err, telemetry.ErrOption)
			require.Nil(t, got)
		})
	}
}

var errMeter = errors.New("no room for another instrument")

// failing makes instruments but for one, or no callback.
type failing struct {
	noop.Meter
	name string
}

// provider has that meter.
type provider struct {
	noop.MeterProvider
	meter failing
}

func (p provider) Meter(string, ...metric.MeterOption) metric.Meter { return p.meter }

func (f failing) wrong(name string) error {
	if name == f.name {
		return errMeter
	}
	return nil
}

func (f failing) Int64Histogram(name string, _ ...metric.Int64HistogramOption) (metric.Int64Histogram, error) {
	return noop.Int64Histogram{}, f.wrong(name)
}

func (f failing) Float64Histogram(name string, _ ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	return noop.Float64Histogram{}, f.wrong(name)
}

func (f failing) Int64ObservableCounter(name string, _ ...metric.Int64ObservableCounterOption) (metric.Int64ObservableCounter, error) {
	return noop.Int64ObservableCounter{}, f.wrong(name)
}

func (f failing) Int64ObservableUpDownCounter(name string, _ ...metric.Int64ObservableUpDownCounterOption) (metric.Int64ObservableUpDownCounter, error) {
	return noop.Int64ObservableUpDownCounter{}, f.wrong(name)
}

func (f failing) Int64ObservableGauge(name string, _ ...metric.Int64ObservableGaugeOption) (metric.Int64ObservableGauge, error) {
	return noop.Int64ObservableGauge{}, f.wrong(name)
}

func (f failing) Float64ObservableGauge(name string, _ ...metric.Float64ObservableGaugeOption) (metric.Float64ObservableGauge, error) {
	return noop.Float64ObservableGauge{}, f.wrong(name)
}

func (f failing) RegisterCallback(metric.Callback, ...metric.Observable) (metric.Registration, error) {
	return noop.Registration{}, f.wrong("callback")
}

// TestProviderFails: an error of the provider's for any instrument is New's.
func TestProviderFails(t *testing.T) {
	for _, name := range []string{
		"wampbox.messages.sealed", "wampbox.replay.memory", "wampbox.file.failing", "wampbox.key.age", "wampbox.seal.duration", "wampbox.open.size", "callback",
	} {
		_, err := telemetry.New(provider{meter: failing{name: name}})
		require.ErrorIs(t, err, errMeter, name)
	}
	shown, err := telemetry.New(provider{})
	require.NoError(t, err)
	require.NoError(t, shown.Close())
}

func TestSourcesRefused(t *testing.T) {
	s := newScope(t)
	refused := func(stop func(), err error) {
		t.Helper()
		require.ErrorIs(t, err, telemetry.ErrSource)
		require.Nil(t, stop)
	}
	refused(s.Session("a", nil))
	refused(s.Ring("a", nil))
	refused(s.File("a", nil))
	refused(s.Watcher("a", nil))
	refused(s.Server("a", nil))
	stop, err := s.Ring("a", ringWithKey(t))
	require.NoError(t, err)
	refused(s.Ring("a", ringWithKey(t)))
	shows(t)(s.Ring("b", ringWithKey(t)))
	stop()
	stop() // again
	shows(t)(s.Ring("a", ringWithKey(t)))
	require.NoError(t, s.Close())
	refused(s.Ring("c", ringWithKey(t)))
}

func ringWithKey(t testing.TB) *keyring.Ring {
	t.Helper()
	return harness.ClosedRing(t, harness.NewKeys().PairKey())
}

// TestStop: what isn't shown any more has no series, and another one may take its name.
func TestStop(t *testing.T) {
	s, r := newScope(t), testrouter.Start(t)
	connect := func() (*transparency.Session, func()) {
		session, err := transparency.ConnectLocal(r.Router(), harness.Config(client.CBOR), ringWithKey(t))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, session.Close()) })
		stop, err := s.Session("shop", session)
		require.NoError(t, err)
		return session, stop
	}
	session, stop := connect()
	shows(t)(s.Ring("shop", ringWithKey(t)))
	require.NoError(t, session.Publish(harness.Prefix+"x", nil, nil, nil))
	sealed := `messages.sealed{dialect="wampbox",session="shop",suite="box"}`
	s.untilIs(t, sealed, 1)
	stop()
	require.Equal(t, []string{`ring.patterns{ring="shop",state="sealing"}`, `ring.versions{ring="shop",state="active"}`}, keysOf(s.collect(t)))
	session, _ = connect()
	require.NoError(t, session.Publish(harness.Prefix+"x", nil, nil, nil))
	s.untilIs(t, sealed, 1)
	require.NoError(t, s.Close())
	require.Empty(t, s.collect(t))
	require.NoError(t, s.Close())
}

// TestNamesAreText: a name that isn't UTF-8 doesn't make an export fail.
func TestNamesAreText(t *testing.T) {
	s := newScope(t)
	shows(t)(s.Ring("a\xffb", ringWithKey(t)))
	names := s.attributes(t)["ring"]
	require.Equal(t, []string{"a\uFFFDb"}, names)
	require.True(t, utf8.ValidString(names[0]))
}

// TestTogether: readers collect while sources come and go, and messages are sealed.
func TestTogether(t *testing.T) {
	readers := []*sdk.ManualReader{sdk.NewManualReader(), sdk.NewManualReader()}
	shown, err := telemetry.New(sdk.NewMeterProvider(sdk.WithReader(readers[0]), sdk.WithReader(readers[1])), telemetry.WithPatterns(2))
	require.NoError(t, err)
	r := testrouter.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all sync.WaitGroup
	for i := range 3 {
		name := strconv.Itoa(i)
		all.Go(func() {
			for ctx.Err() == nil {
				session, err := transparency.ConnectLocal(r.Router(), harness.Config(client.CBOR), ringWithKey(t), transparency.WithObserver(shown.Observer(name)))
				if !assertNoError(t, err) {
					return
				}
				stop, err := shown.Session(name, session)
				assertNoError(t, err)
				for range 20 {
					assertNoError(t, session.Publish(harness.Prefix+"x", nil, wamp.List{1}, nil))
				}
				stop()
				assertNoError(t, session.Close())
			}
		})
	}
	var collecting sync.WaitGroup
	for _, reader := range readers {
		collecting.Go(func() {
			for range 100 {
				assertNoError(t, reader.Collect(t.Context(), new(metricdata.ResourceMetrics)))
			}
		})
	}
	collecting.Wait()
	cancel()
	all.Wait()
	require.NoError(t, shown.Close())
}

func assertNoError(t *testing.T, err error) bool {
	if err != nil {
		t.Error(err)
	}
	return err == nil
}
