// Package telemetry shows what goes on as metrics of OpenTelemetry. Make a [Telemetry] of your
// program's MeterProvider, and tell it what there is:
//
//	t, err := telemetry.New(otel.GetMeterProvider())
//	s, err := transparency.ConnectNet(ctx, url, cfg, ring, transparency.WithObserver(t.Observer("orders")))
//	stop, err := t.Session("orders", s)
//	stop, err = t.Ring("orders", ring)
//	stop, err = t.File("orders", watcher) // of package keywatch
//
// A Session counts anyway, so [Telemetry.Session] costs nothing until somebody collects.
// [Telemetry.Observer] adds histograms of times and sizes, which cost something for each message.
//
// docs/TELEMETRY.md has all metrics, with their units and attributes, when to alarm, and what all of
// it costs. examples/telemetry serves them to Prometheus, with a dashboard for Grafana.
//
// This is a module of its own, so that only programs that require it download and compile
// OpenTelemetry. It uses the metric API alone: the program brings the SDK and the exporter.
//
// # Attributes
//
// Each source has a name that the program gives it, such as wampbox.session="orders". All other
// attributes have few values: dialect, suite, kind, state, and the reason of a refusal. No router
// and no peer chooses any of them, or how many there are. No payload, no key, and no URI is in
// them.
//
// [WithPatterns] adds patterns and key ids, up to a number of them. A pattern is a URI, or the
// beginning of one, and whoever sees the metrics sees it.
package telemetry
