# `make` prints the targets.

SHELL   := /bin/bash
TOOLS   := $(CURDIR)/.tools
export GOBIN := $(TOOLS)/bin

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X tocsin/shared/build.version=$(VERSION)

# Debian's packages: to build the agent's windows, and to try everything for real.
BUILD_PACKAGES := gcc pkg-config libc6-dev libgl1-mesa-dev libx11-dev libxcursor-dev libxrandr-dev libxinerama-dev \
	libxi-dev libxxf86vm-dev libxkbcommon-dev libwayland-dev
TEST_PACKAGES := $(BUILD_PACKAGES) xvfb xauth openbox xdotool wmctrl x11-utils x11-xserver-utils imagemagick dbus dunst \
	libnotify-bin libgl1-mesa-dri fonts-dejavu-core pulseaudio pulseaudio-utils protobuf-compiler libprotobuf-dev

# The tools, each pinned.
PROTOC_GEN_GO      := google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
PROTOC_GEN_CONNECT := connectrpc.com/connect/cmd/protoc-gen-connect-go@v1.21.1
STATICCHECK        := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Packages that draw windows: a race build of the toolkit costs minutes and proves nothing of ours.
WINDOWS := tocsin/agent tocsin/agent/ui tocsin/agent/tray tocsin/agent/desktop tocsin/shared/e2e

.DEFAULT_GOAL := help
.PHONY: help run build test unit e2e kills figures sim bench fuzz lint generate check-generated build-packages test-packages alertmanager clean

help: ## print this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-15s %s\n", $$1, $$2}'

run: build-packages build ## build, and run a hub and this machine's agent, set up to alarm you
	@exec bin/hub quickstart --data .run/hub --profile .run/agent

build: bin/hub bin/agent ## build both programs into bin/

.PHONY: bin/hub bin/agent
bin/hub:
	@go build -ldflags '$(LDFLAGS)' -o bin/hub ./hub
bin/agent:
	@[ -n "$$(go list -f '{{if .Stale}}stale{{end}}' ./agent)" ] && [ ! -e bin/agent ] && \
		echo 'Building the agent; the first time takes some minutes (its windows are drawn by C code) …' || true
	@go build -ldflags '$(LDFLAGS)' -o bin/agent ./agent

test: test-packages alertmanager check-generated lint unit e2e ## install what is missing and run everything

# With the race detector on one processor: all timers of a bubble (testing/synctest) share one context of the
# detector, which ends the test with "ThreadSanitizer: CHECK failed" when two processors fire them at once (Go 1.26).
# It judges by what happens before what, and needs no second one to find a race; what does need it comes next.
unit: ## the tests of each package, with the race detector where it is cheap, and on all processors without
	go test -race -cpu 1 -timeout 30m $$(go list ./... | grep -vxF "$$(printf '%s\n' $(WINDOWS))")
	go test -timeout 30m $$(go list ./... | grep -vx tocsin/shared/e2e)

e2e: build alertmanager ## real processes, real windows, a real Alertmanager
	TOCSIN_BIN=$(CURDIR)/bin TOCSIN_ALERTMANAGER=$(TOOLS)/alertmanager/usr/bin/prometheus-alertmanager \
		go test -count=1 -timeout 40m -parallel 6 ./shared/e2e

KILLS ?= 1000
kills: build ## a hub, and its database alone, killed a thousand times (KILLS=…) at random instants under load
	TOCSIN_KILLS=$(KILLS) TOCSIN_BIN=$(CURDIR)/bin go test -count=1 -timeout 120m -v -run 'AHubKilled(AgainAndAgain|WhileItMakesItsData)' ./shared/e2e
	TOCSIN_KILLS=$(KILLS) go test -count=1 -timeout 60m -v -run SurvivesKills ./hub/store/sqldb

figures: build alertmanager ## how soon a window is up, and what an agent at rest costs, beside a bare program
	TOCSIN_FIGURES=1 TOCSIN_BIN=$(CURDIR)/bin TOCSIN_ALERTMANAGER=$(TOOLS)/alertmanager/usr/bin/prometheus-alertmanager \
		go test -count=1 -timeout 20m -run Figures -v ./shared/e2e

sim: ## a hundred thousand random histories, each checked for every promise
	SIM_HISTORIES=100000 go test -count=1 -timeout 60m -run Sim -v ./shared/e2e ./hub/escalation

bench: build ## the figures, each beside the bare limit measured in the same run
	go test -run '^$$' -bench . -benchtime 2s ./hub/... ./shared/...

fuzz: ## every parser of outside bytes, half a minute each
	@for target in $$(grep -rlE '^func Fuzz' --include='*_test.go' . | sort); do \
		for name in $$(grep -hoE '^func Fuzz[A-Za-z0-9]+' $$target | cut -c6-); do \
			echo "$$name in $$(dirname $$target)"; go test -run '^$$' -fuzz "^$$name\$$" -fuzztime 30s ./$$(dirname $$target) || exit 1; \
		done; done

lint: $(GOBIN)/staticcheck ## gofmt, vet, staticcheck
	@unformatted=$$(gofmt -l hub agent shared/archtest shared/build shared/e2e); [ -z "$$unformatted" ] || { echo "not formatted: $$unformatted"; exit 1; }
	go vet ./...
	$(GOBIN)/staticcheck ./...

generate: $(GOBIN)/protoc-gen-go $(GOBIN)/protoc-gen-connect-go ## write the code of the protocol anew
	@rm -rf $(OUT)/shared/gen
	@PATH=$(GOBIN):$$PATH protoc -I shared/proto --go_out=$(OUT) --go_opt=module=tocsin --connect-go_out=$(OUT) --connect-go_opt=module=tocsin \
		$$(cd shared/proto && find tocsin -name '*.proto' | sort)
OUT := .

check-generated: ## fail if the code of the protocol is not that of the .proto files
	@fresh=$$(mktemp -d) && trap "rm -rf $$fresh" EXIT && $(MAKE) -s generate OUT=$$fresh || exit 1; \
		diff -r $$fresh/shared/gen shared/gen || { echo 'The generated code is not current: run make generate'; exit 1; }

$(GOBIN)/protoc-gen-go:
	go install $(PROTOC_GEN_GO)
$(GOBIN)/protoc-gen-connect-go:
	go install $(PROTOC_GEN_CONNECT)
$(GOBIN)/staticcheck:
	go install $(STATICCHECK)

build-packages:
	@shared/build/packages.sh $(BUILD_PACKAGES)
test-packages:
	@shared/build/packages.sh $(TEST_PACKAGES)
alertmanager:
	@shared/build/alertmanager.sh $(TOOLS)/alertmanager

clean: ## remove what was built; .run (your hub's data) stays
	rm -rf bin $(TOOLS)
