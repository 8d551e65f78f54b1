package main

import (
	"context"
	"net/http"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/exporters/prometheus"
	sdk "go.opentelemetry.io/otel/sdk/metric"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/telemetry"
)

// metrics are the library's, for Prometheus. A program that has a MeterProvider gives that to
// telemetry.New, and needs nothing of this.
type metrics struct {
	*telemetry.Telemetry
	provider *sdk.MeterProvider
	registry *prom.Registry
}

func newMetrics(patterns int) (*metrics, error) {
	registry := prom.NewRegistry()
	exporter, err := prometheus.New(prometheus.WithRegisterer(registry), prometheus.WithoutScopeInfo(),
		prometheus.WithTranslationStrategy(otlptranslator.UnderscoreEscapingWithSuffixes))
	if err != nil {
		return nil, err
	}
	provider := sdk.NewMeterProvider(sdk.WithReader(exporter))
	var opts []telemetry.Option
	if patterns != 0 {
		opts = append(opts, telemetry.WithPatterns(patterns))
	}
	t, err := telemetry.New(provider, opts...)
	if err != nil {
		return nil, err
	}
	return &metrics{t, provider, registry}, nil
}

func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}

func (m *metrics) close() {
	_ = m.Close()
	_ = m.provider.Shutdown(context.Background())
}
