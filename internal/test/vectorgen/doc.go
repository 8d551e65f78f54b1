// Command vectorgen writes vectors/wampbox_format.json and the worked example in
// docs/FORMAT.md, which describes the format:
//
//	go run ./internal/test/vectorgen
//
// It imports nothing of this module: it writes records, seals them and lays out
// messages by itself, after docs/FORMAT.md. So the library is tested against a
// second hand, and not against itself. Keys, nonces and times are fixed: two runs
// give the same bytes. The keys are published samples, and nothing here is for use
// outside of tests, least of all the nonces.
//
// What is in the file is told by docs/FORMAT.md, section "Test vectors".
package main
