# Everything a change must pass. The linters are pinned here and built by the
# go command on first use; nothing has to be installed by hand.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
REVIVE      := github.com/mgechev/revive@v1.17.0
ACTIONLINT  := github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
FUZZTIME    ?= 5s
HOSTILETIME ?= 30m
BENCH       ?= full

# Where the Python environment is, and the list of what is in it.
export WAMPBOX_INTEROP_ENV := $(abspath $(or $(WAMPBOX_INTEROP_ENV),.venv-interop))
INTEROP := internal/test/interop/requirements.txt
FLOCK   := $(if $(shell command -v flock),flock "$(WAMPBOX_INTEROP_ENV)")

# The modules of this checkout, which go.work makes one of.
MODULES  := . bench redismemory telemetry validation examples/telemetry examples/validation
PACKAGES := ./... ./bench/... ./redismemory/... ./telemetry/... ./validation/... ./examples/telemetry/... ./examples/validation/...

# What is built and vetted for others. The tests of the pure packages, which need no other
# process and no network, run in 32 bits too.
SYSTEMS := linux/386 linux/arm64 windows/amd64 darwin/arm64
PURE    := ./cryptobox ./internal/clock ./internal/codec ./internal/fair ./internal/link/message ./internal/recent ./internal/replay ./internal/wire \
	./internal/statement ./keyring ./keyring/agefile ./keyring/keyfile

# The race detector, but not inside of what only computes, where it took most of the time: ciphers, hashes,
# texts. What goroutines could share is read and written by the packages around these.
COMPUTE := crypto/internal/fips140/... golang.org/x/crypto/... hash/... math/big regexp/... strings strconv unicode/utf8 internal/stringslite \
	encoding/base64 encoding/hex github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak
RACE    := -race $(COMPUTE:%=-gcflags=%=-race=false)

# How many packages are tested at once: one more than there are cores, as many tests wait.
TOGETHER = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# Tests of memory and times, which the race detector would change.
MEASURE = $(shell grep -rl --include=*_test.go '^//go:build !race' *)

.NOTPARALLEL:
.PHONY: help test format-check format vet lint cross pure32 setup interop-env unit python vulnerabilities fuzz hostile bench tidy-check quickstart

help: ## what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 18

test: setup format-check tidy-check vet lint unit python ## all of these; what they need is installed where that can be done

format-check: ## fail when gofmt would change a file
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "gofmt -w these files:"; echo "$$out"; exit 1; fi

format: ## let gofmt rewrite the files
	gofmt -w .

tidy-check: ## fail when a module's go.mod or go.sum are not tidy
	@for module in $(MODULES); do (cd "$$module" && go mod tidy -diff) || exit 1; done

vet: ## go vet
	go vet $(PACKAGES)

lint: ## staticcheck and revive, actionlint for the workflows
	go run $(STATICCHECK) $(PACKAGES)
	go run $(REVIVE) -config revive.toml -set_exit_status $(PACKAGES)
	go run $(ACTIONLINT) .github/workflows/*.yml

cross: ## builds and vets for other systems (10 minutes of one core)
	@for system in $(SYSTEMS); do echo "build and vet for $$system"; \
		GOOS=$${system%/*} GOARCH=$${system#*/} CGO_ENABLED=0 sh -c 'go build $(PACKAGES) && go vet $(PACKAGES)' || exit 1; done

pure32: ## tests of the pure packages in 32 bits, on linux/amd64
	@if [ "$$(go env GOHOSTOS)/$$(go env GOHOSTARCH)" = linux/amd64 ]; then GOOS=linux GOARCH=386 CGO_ENABLED=0 go test -count=1 $(PURE); \
		else echo "pure32: this machine runs nothing of linux/386" >&2; fi

vulnerabilities: ## govulncheck, by what is known today
	@for module in $(MODULES); do (cd "$$module" && go run $(GOVULNCHECK) ./...) || exit 1; done

setup: ## a C compiler, Python and Redis, or one line that says how to install them
	@.ci/setup

# The list is copied into the environment when all of it is there; several makes wait
# for one. The list is complete: with --no-deps nothing that isn't on it comes in.
interop-env: ## Crossbar.io and Autobahn for the interop tests, installed once
	@mkdir -p "$$WAMPBOX_INTEROP_ENV" && $(FLOCK) sh -ec 'cd "$$WAMPBOX_INTEROP_ENV"; \
	if cmp -s requirements.txt "$(CURDIR)/$(INTEROP)" && bin/python -c "" 2>/dev/null; then exit; fi; \
	for python in python3.11 python3 none; do \
		"$$python" -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && break; done; \
	if [ "$$python" = none ]; then echo "install Python 3.11 or later with venv: python3.11-venv or python3-venv" >&2; exit 1; fi; \
	if [ ! -e pyvenv.cfg ] && [ -n "$$(ls -A)" ]; then echo "$$PWD holds something else, which would be deleted: name another folder in WAMPBOX_INTEROP_ENV" >&2; exit 1; fi; \
	echo "installing Crossbar.io and Autobahn for $$python into $$WAMPBOX_INTEROP_ENV, once"; \
	"$$python" -m venv --clear .; \
	bin/python -m pip install --quiet --no-input --disable-pip-version-check --no-deps --requirement "$(CURDIR)/$(INTEROP)"; \
	cp "$(CURDIR)/$(INTEROP)" requirements.part; mv requirements.part requirements.txt'

unit: setup interop-env ## tests with the race detector, against Crossbar.io and Autobahn too
	WAMPBOX_INTEROP=required go test $(RACE) -p $(TOGETHER) -vet=off -count=1 -timeout 8m $(PACKAGES)
	go test -vet=off -count=1 -run "^($$(grep -ohE '^func Test[A-Za-z0-9]+' $(MEASURE) | cut -c 6- | paste -sd '|' -))$$" $(addprefix ./,$(sort $(dir $(MEASURE))))

python: setup interop-env ## tests of peers/python, and that it makes the vectors that are there
	cd peers/python && "$$WAMPBOX_INTEROP_ENV/bin/python" -m pytest -q -p no:cacheprovider
	cd peers/python && "$$WAMPBOX_INTEROP_ENV/bin/python" -m wampbox vectors | cmp - ../../vectors/wampbox_format.json
	cd peers/python && "$$WAMPBOX_INTEROP_ENV/bin/python" -m wampbox vectors keyservice | cmp - ../../vectors/keyservice.json
	cd peers/python && "$$WAMPBOX_INTEROP_ENV/bin/python" -m wampbox vectors scrambling | cmp - ../../vectors/scrambling.json

fuzz: ## each fuzz target for FUZZTIME (5s)
	@FUZZTIME=$(FUZZTIME) .ci/fuzz

hostile: ## the table of attacks in all suites, and random conversations under random attacks, for HOSTILETIME (30m)
	WAMPBOX_HOSTILE=$(HOSTILETIME) go test $(RACE) -count=1 -timeout 0 -p 1 -v ./internal/test/hostile/...

bench: ## what sealing costs, into bench/out (10 to 15 minutes; BENCH=short: a trial, under a minute)
	@[ "$(BENCH)" = short ] || $(MAKE) --no-print-directory interop-env || echo "bench: without Crossbar.io and Autobahn" >&2
	go run ./bench -mode $(BENCH)

quickstart: ## the first example
	go run ./examples/quickstart
