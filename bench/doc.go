// Command bench measures what sealing costs, beside what a user would pick instead:
// nexus's client without any of this, the NaCl box alone (golang.org/x/crypto,
// libsodium), and Autobahn|Python's cryptobox. It prints Markdown tables, and writes
// them with a picture of them.
//
//	make bench                     # all of it, into bench/out
//	make bench BENCH=short         # a trial of the harness, under a minute; its figures say nothing
//	go run ./bench -only calls,cpu # some sections
//	go run ./bench -h
//
// # How
//
// What is compared takes turns, in another random order each round. A figure is the
// median of its rounds. A ratio is the median of the ratios within a round, with
// their range, so that a machine that drifts does it to both sides. What is sealed is
// opened and compared, and every answer and event is looked at. Nothing that
// production checks is left out. What isn't installed is named as missing. It needs a
// Unix system, which tells what a process has used of the CPU.
//
// Figures mean something on a machine that does nothing else: the load before is part
// of what is printed.
package main
