# Everything a change must pass. The linters are pinned here and built by the
# go command on first use; nothing has to be installed by hand.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
REVIVE      := github.com/mgechev/revive@v1.17.0
FUZZTIME    ?= 5s
HOSTILETIME ?= 30m
BENCH       ?= full

.PHONY: help test format-check format vet lint interop-env unit fuzz hostile bench tidy-check quickstart

help: ## what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 18

test: format-check tidy-check vet lint unit ## format check, tidy check, vet, linters, tests with the race detector

format-check: ## fail when gofmt would change a file
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "gofmt -w these files:"; echo "$$out"; exit 1; fi

format: ## let gofmt rewrite the files
	gofmt -w .

tidy-check: ## fail when go.mod or go.sum are not tidy
	go mod tidy -diff

vet: ## go vet
	go vet ./...

lint: ## staticcheck and revive
	go run $(STATICCHECK) ./...
	go run $(REVIVE) -config revive.toml -set_exit_status ./...

interop-env: ## Crossbar.io and Autobahn for the interop tests, installed once
	@go run ./internal/test/interop/setup

unit: interop-env ## tests with the race detector, against Crossbar.io and Autobahn too
	WAMPBOX_INTEROP=required go test -race -count=1 -timeout 8m ./...

fuzz: ## each fuzz target for FUZZTIME (5s)
	@FUZZTIME=$(FUZZTIME) .ci/fuzz

hostile: ## random conversations under random attacks, for HOSTILETIME (30m)
	WAMPBOX_HOSTILE=$(HOSTILETIME) go test -race -count=1 -timeout 0 -v ./internal/test/hostile

bench: ## what sealing costs, into bench/out (10 to 15 minutes; BENCH=short: a trial, under a minute)
	@if [ "$(BENCH)" != short ] && ! pkg-config --exists libsodium 2>/dev/null; then \
		echo "bench: without libsodium; to compare with it: apt-get install gcc pkg-config libsodium-dev" >&2; fi
	go run ./bench -mode $(BENCH)

quickstart: ## the first example
	go run ./examples/quickstart
