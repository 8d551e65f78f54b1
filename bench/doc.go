// Command bench measures what sealing costs, beside what a user would pick instead:
// the NaCl box alone (golang.org/x/crypto, libsodium), Autobahn|Python's cryptobox, and
// nexus's client without any of this. It prints a Markdown table, and writes it with a
// CSV file of all figures and an SVG plot.
//
//	make bench                   # all of it, into bench/out; see the table for the date and the machine
//	make bench BENCH=short       # a trial of the harness, under a minute; its figures say nothing
//	go run ./bench -only nexus   # a part
//	go run ./bench -h
//
// # What is measured
//
// messages: to seal and to open one whole message in memory (record, serializer, box,
// envelope), in CBOR, MessagePack and JSON, with its allocations.
//
// nexus, crossbar: calls, and events, through a router on a WebSocket of the loopback
// interface: throughput, latency, CPU time, bytes on the wire.
//
// keyring: lookups on keyrings of up to 100,000 patterns while others change them,
// opening on several cores, a receiver that knows 100,000 senders.
//
// # How
//
// Each figure is the median of several runs, with their range. Runs of what is compared
// take turns, so that a drift of the machine hits all alike, and the goals are judged
// by ratios of runs that followed each other. What is sealed is opened and compared,
// and every answer and event is looked at. Nothing that production checks is left out.
// What isn't installed is named as missing.
//
// Figures mean something on a machine that does nothing else: the load before is part
// of the table.
package main
