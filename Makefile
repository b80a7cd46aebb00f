# Each target installs by itself what it needs, pinned: crates by Cargo.lock, Python tools by tools/*.txt in .venv.

VENV := .venv
PYTHON ?= python3

# Tools in the virtual environment call one another by name: sam calls cargo-lambda.
TOOLS := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= us-east-1

VENV_CHECKOV := .venv-checkov
# The emulator runs a function as a process of this machine.
ARCHITECTURE := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
FOR_THE_EMULATOR := .aws-sam/emulator

VENV_BENCH := .venv-bench
RIC := tests/bench/peers/node/node_modules/aws-lambda-ric
# What its C++ part is built with.
NATIVE := $(addprefix /usr/bin/,cmake autoconf automake libtoolize)
PEERS := $(VENV)/ready $(VENV_BENCH)/ready $(RIC)/dist/rapid-client.node

# Seconds for each target of `make fuzz`; 0 goes on until something is found.
FUZZ_SECONDS ?= 600
FUZZ_TARGETS ?= $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))

# Where `make test-upgrade` builds the other revision.
UPGRADE := target/upgrade

# How `make run` builds: `local` (Cargo.toml) in the shortest time, `release` for many writes a second. A variable of the environment
# with so common a name is not meant.
PROFILE := local

# Chromium without a window, as tests/console/playwright.config.ts names it.
CHROMIUM_SHELL := /usr/bin/chromium-headless-shell

CYCLONEDX := 0.5.9
CARGO_MUTANTS := 27.1.0
MDBOOK := 0.5.4

# What the console is built from.
CONSOLE := $(shell find console/src console/public console/build -type f) console/index.html console/vite.config.ts console/tsconfig.json docs/receivers.md
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

.PHONY: help run test test-static test-built lint lint-rust lint-words lint-template lint-checkov lint-console test-rust test-template test-tools test-docs
.PHONY: test-deployed test-lambda test-run docs
.PHONY: test-api test-receivers test-supply-chain test-console console console-types build build-program deploy redrive build-emulator deploy-emulator function-sizes openapi fuzz audit
.PHONY: release release-twice test-release
.PHONY: check unused test-upgrade console-at bench measure-console measure-hostile measure-move test-bench sim sbom mutants picture clean

## Start everything on this machine: console and API on http://127.0.0.1:8787, DynamoDB on http://127.0.0.1:8000, unless OPTIONS say otherwise
run: $(if $(shell command -v npm),console)
	cargo run --quiet --locked --profile $(PROFILE) --package instance-webhooks -- $(OPTIONS)

## List the targets
help:
	@$(PYTHON) tools/make_help.py Makefile

## Everything that CI checks
test: test-static test-run test-rust test-built

## What runs nothing that is built, beside the build of the functions: two at a time, since their linking has one thread for minutes, and
## so has most of the rest
test-static:
	$(MAKE) --jobs 2 --output-sync=target build-emulator lint test-supply-chain test-template test-tools test-docs test-release

## What runs the built program and functions: two targets at a time, since none keeps two cores busy. What is installed for them
## comes first, because apt runs once at a time
test-built: $(CHROMIUM_SHELL) $(NATIVE)
	$(MAKE) --jobs 2 --output-sync=target test-console test-bench test-deployed test-lambda test-receivers test-api

## What to run before a push: format, clippy, words, unit tests. Under two minutes after a build
check: $(VENV)/ready lint-words
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- --deny warnings
	$(TOOLS) cargo nextest run --workspace --lib --locked --status-level fail

## Formatting, clippy, words, dependencies, template, types
lint: lint-rust unused lint-words lint-template lint-checkov lint-console

lint-rust: $(VENV)/ready
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- --deny warnings
	cargo clippy --workspace --test lambda --locked -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" cargo doc --workspace --no-deps --document-private-items --locked --quiet
	cargo fetch --locked --quiet
	$(TOOLS) cargo deny --locked --offline check -A duplicate bans licenses sources

## Spelling, and words that the documents and the code do without: tools/words.txt. Counts in tools/words.json may only fall
lint-words: $(VENV)/ready
	$(VENV)/bin/typos
	$(PYTHON) tools/words.py

lint-template: $(VENV)/ready
	$(VENV)/bin/sam validate
	$(VENV)/bin/cfn-lint -t template.yaml infra/*.yaml

## Best practices, over the template as CloudFormation gets it
lint-checkov: $(VENV)/ready $(VENV_CHECKOV)/ready
	mkdir -p target/checkov
	$(VENV)/bin/python tools/transform.py template.yaml > target/checkov/template.json
	$(VENV_CHECKOV)/bin/checkov --quiet --compact --config-file tools/checkov.yaml -f target/checkov/template.json infra/*.yaml

## The console and its tests: format, rules, types, and that those of the API are the OpenAPI document's
lint-console: console/node_modules/.package-lock.json tests/console/node_modules/.package-lock.json
	npm run --silent --prefix console check
	npm run --silent --prefix console types -- --check
	npm run --silent --prefix tests/console check

## Where dependencies and tools come from, and that they are what was looked at
test-supply-chain: $(VENV)/ready
	$(VENV)/bin/pytest --quiet -p no:cacheprovider tests/supply-chain

## What the template promises: permissions, retention, mappings
test-template: $(VENV)/ready
	$(VENV)/bin/pytest --quiet -p no:cacheprovider tests/template

## What the tools for operators and for this repository decide
test-tools: $(VENV)/ready
	$(VENV)/bin/pytest --quiet -p no:cacheprovider tests/tools

## What a release is made of, and the ways to deploy it: the CDK's by the CDK
test-release: $(VENV)/ready docs/deploy/cdk/node_modules/.package-lock.json
	$(VENV)/bin/pytest --quiet -p no:cacheprovider tests/release

## The documents: links, anchors, paths, and lists of what there is
test-docs: $(VENV)/ready
	$(VENV)/bin/pytest --quiet -p no:cacheprovider tests/docs

## Unit, API, fan-out and whole-program tests. Most of the latter wait for sockets: more threads than cores.
test-rust: $(VENV)/ready /usr/sbin/nginx /usr/sbin/ip
	MINISTACK=$(CURDIR)/$(VENV)/bin/ministack RUST_TEST_THREADS=8 cargo test --workspace --locked --no-fail-fast

## The engine, simulated: SEEDS histories from seed FROM on. One that breaks a rule is shrunk and printed as a test
sim:
	cargo build --workspace --locked --quiet --profile sim --example sim
	target/sim/examples/sim $(or $(SEEDS),1000) $(or $(FROM),0)

## What the program sends, verified by libraries of three languages and by the receivers of docs/receivers.md as they stand
test-receivers: $(VENV)/ready tests/receivers/node_modules/.package-lock.json build-program
	$(VENV)/bin/pytest --quiet -p no:cacheprovider tests/receivers

## The console in Debian's Chromium, on the running program; what it looked like is kept in tests/console/results
test-console: console tests/console/node_modules/.package-lock.json $(CHROMIUM_SHELL) build-program
	npm test --silent --prefix console
	npm test --silent --prefix tests/console

## The browser tests with all clocks moved: AT begins a minute after the start, by default the next midnight of UTC. ONLY names files
console-at: console tests/console/node_modules/.package-lock.json $(CHROMIUM_SHELL) /usr/bin/faketime build-program
	cd tests/console && \
	by=$$(( $$(date --date "$(or $(AT),tomorrow 00:00 UTC) - 1 minute" +%s) - $$(date +%s) )) && \
	faketime -m -f "$$(printf '%+ds' $$by)" npx playwright test $(ONLY)

## The README's moving picture of the console, taken again (docs/console.md)
picture: console tests/console/node_modules/.package-lock.json $(CHROMIUM_SHELL) build-program $(VENV_BENCH)/ready
	cd tests/console && npx playwright test --config picture.config.ts
	$(VENV_BENCH)/bin/python tools/moving_picture.py tests/console/results/picture docs/images/try-it.webp

## Times of the console in a browser as slow as a phone: largest paint of each view, main thread of a live log
measure-console: console tests/console/node_modules/.package-lock.json $(CHROMIUM_SHELL) build-program
	cd tests/console && npx playwright test --config measure.config.ts

## `make run` itself: what it builds, with a profile of its own, and starts
test-run: $(VENV)/ready
	$(VENV)/bin/pytest --quiet -p no:cacheprovider tests/run

## The running program, called with what its OpenAPI document allows and with what it does not
test-api: $(VENV)/ready build-program
	$(VENV)/bin/pytest --quiet -p no:cacheprovider tests/api-fuzz

## Releases side by side, under load: the program of the revision FROM and this one take turns on one data folder
test-upgrade:
	$(if $(FROM),,$(error FROM names the revision to upgrade from: make test-upgrade FROM=v0.1.0))
	mkdir -p $(UPGRADE)
	git worktree remove --force $(UPGRADE)/tree 2> /dev/null || git worktree prune
	git worktree add --quiet --detach $(UPGRADE)/tree $(FROM)
	cargo build --manifest-path $(UPGRADE)/tree/Cargo.toml --target-dir target --workspace --locked --bin instance-webhooks --example receiver
	cp target/debug/instance-webhooks $(UPGRADE)/former
	git worktree remove --force $(UPGRADE)/tree
	FORMER_PROGRAM=$(CURDIR)/$(UPGRADE)/former cargo bench --profile dev --workspace --locked --bench upgrade

## The console's files, in console/dist
console: console/dist/index.html

console/dist/index.html: console/node_modules/.package-lock.json $(CONSOLE)
	npm run --silent --prefix console build -- --logLevel warn

## The console's types of the API, after a change to docs/openapi.json
console-types: console/node_modules/.package-lock.json
	npm run --silent --prefix console types

# As one workspace and with an example, so that dependencies have the features that test-rust has built them with, and are not
# built once more.
build-program: console
	cargo build --workspace --locked --bin instance-webhooks --bin bench --bin hello --bin floor --example receiver

## Each built function under AWS's Runtime Interface Emulator, and the built fan-out behind our stream reader
test-lambda: build-emulator
	$(VENV)/bin/pytest --quiet -p no:cacheprovider tests/lambda
	FANOUT_BOOTSTRAP=$(CURDIR)/$(FOR_THE_EMULATOR)/FanoutFunction/bootstrap cargo test --workspace --locked --test lambda

## The whole stack, deployed to an AWS emulator
test-deployed: build-emulator
	$(VENV)/bin/pytest --quiet -p no:cacheprovider tests/deployed

## Everything that is published about speed and cost, measured again, into docs/performance.md: three quarters of an hour on a
## quiet machine after the builds. `make bench QUICK=1` takes five minutes and publishes nothing. BENCH_SEED is another seed for
## imperfect receivers, PREVIOUS_PROGRAM an older built program that is measured with them in the same run, BENCH_BACKLOG=1000000
## a further size of the backlog
bench: build-emulator $(PEERS)
	cargo build --release --workspace --locked --bin instance-webhooks --bin bench --bin hello --bin floor
	$(VENV_BENCH)/bin/python tests/bench/run.py target/release/bench --scale $(if $(QUICK),quick,whole)
	PYTHONPATH=tests/bench $(VENV_BENCH)/bin/python -m report $(if $(QUICK),--out target/bench/report,--readme README.md)

## What hostile receivers cost: the function's peak memory, and how long others' events take. HOSTILITY names the kinds
measure-hostile: build-emulator
	FANOUT_BOOTSTRAP=$(CURDIR)/$(FOR_THE_EMULATOR)/FanoutFunction/bootstrap cargo bench --profile dev --package instance-webhooks --locked --bench hostile

## How long ROWS pending deliveries take to a URL that replaces theirs, and how many drains, on the embedded engine
measure-move:
	ROWS=$(or $(ROWS),20000) cargo bench --profile dev --workspace --locked --bench moved_backlog

## The benchmark in small: every figure is there, and counts add up. How fast anything was is not looked at
test-bench: build-emulator build-program $(PEERS)
	PYTHONPATH=tests/bench $(VENV_BENCH)/bin/pytest --quiet -p no:cacheprovider tests/bench
	$(VENV_BENCH)/bin/python tests/bench/run.py target/debug/bench --scale smoke --results target/bench-smoke
	PYTHONPATH=tests/bench $(VENV_BENCH)/bin/python -m report --results target/bench-smoke --check

## The functions for the emulator: this machine's architecture, linked against its C library
build-emulator: $(VENV)/ready console
	CARGO_LAMBDA_COMPILER=cargo $(TOOLS) sam build --build-dir $(FOR_THE_EMULATOR) --parameter-overrides Architecture=$(ARCHITECTURE)

## Deploy to an emulator on this machine; prints where it is and how to try it
deploy-emulator: build-emulator
	$(VENV)/bin/python tools/deploy_emulator.py

## Commit the functions' sizes again, after a change that is meant to make them larger
function-sizes: build-emulator
	$(VENV)/bin/python tests/lambda/figures.py

## The deployable functions, in .aws-sam/build
build: $(VENV)/ready console
	$(TOOLS) sam build

## Deploy to the AWS account that the environment names; asks for what it has to know
deploy: build
	$(TOOLS) sam deploy --guided

## Send the discarded stream batches of a deployed stack again, in order: make redrive STACK=name [REDRIVE="--dry-run"]
redrive: $(VENV)/ready
	$(if $(STACK),,$(error say which stack: make redrive STACK=name))
	$(VENV)/bin/python tools/redrive.py --stack-name $(STACK) $(REDRIVE)

# A release is built in a folder of its own, because its flags would make cargo build everything else again.
RELEASE_BUILD := target/release-build
RELEASE_PROGRAMS := target/release-programs
RELEASE_TARGETS := arm64 x86_64
# No path of this machine is in a program.
release: export RUSTFLAGS := --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=/cargo --remap-path-prefix=$(CURDIR)=/source
release: export CARGO_TARGET_DIR := $(CURDIR)/$(RELEASE_BUILD)

## What others deploy without a toolchain, in target/releases: make release VERSION=0.1.0 (docs/RELEASING.md)
release: $(VENV)/ready console sbom
	$(if $(VERSION),,$(error VERSION names the release: make release VERSION=0.1.0))
	rustup target add aarch64-unknown-linux-gnu x86_64-unknown-linux-gnu
	rm -rf $(RELEASE_PROGRAMS)
	for architecture in $(RELEASE_TARGETS); do \
		$(TOOLS) cargo lambda build --release --locked --$$(echo $$architecture | tr _ -) --lambda-dir $(RELEASE_PROGRAMS)/$$architecture \
			$(addprefix --bin ,api console fanout retry instance-webhooks) || exit 1; \
	done
	$(TOOLS) PYTHONPATH=tools $(VENV)/bin/python -m release $(VERSION) --programs $(RELEASE_PROGRAMS) --sbom target/sbom --out target/releases

## Build a release twice from nothing, and compare: some twenty minutes
release-twice:
	rm -rf $(RELEASE_BUILD) target/releases
	$(MAKE) release
	mv target/releases target/releases-first
	rm -rf $(RELEASE_BUILD)
	$(MAKE) release
	diff --recursive --brief target/releases-first target/releases
	sha256sum target/releases/*/SHA256SUMS

## Write docs/openapi.json again, from the code
openapi:
	UPDATE_OPENAPI=1 cargo test --workspace --locked --test api the_openapi_document_is_the_committed_one

# Without link-time optimization, which takes minutes, and with lines in the traces.
fuzz: export CARGO_PROFILE_RELEASE_LTO := off
fuzz: export CARGO_PROFILE_RELEASE_STRIP := none
fuzz: export CARGO_PROFILE_RELEASE_DEBUG := line-tables-only
fuzz: export CARGO_PROFILE_RELEASE_OPT_LEVEL := 2

## Look for inputs that break something, guided by what they reach: every target in turn, FUZZ_SECONDS each
fuzz: $(VENV)/ready
	for target in $(FUZZ_TARGETS); do \
		mkdir -p target/fuzz-corpus/$$target target/fuzz-found; \
		$(TOOLS) cargo fuzz run $$target target/fuzz-corpus/$$target fuzz/corpus/$$target \
			--features libfuzzer --sanitizer none --codegen-units 16 --target-dir target/fuzz -- \
			-max_total_time=$(FUZZ_SECONDS) -timeout=10 -artifact_prefix=target/fuzz-found/$$target- || exit 1; \
	done

## Change the engine and the store in small ways, one at a time, and list the changes that no test notices: some hours. MUTANTS chooses,
## such as MUTANTS="--file crates/engine/src/retry/exit.rs"; .cargo/mutants.toml has the rest
mutants: target/tools/cargo-mutants-$(CARGO_MUTANTS)
	PATH="$(CURDIR)/target/tools/bin:$$PATH" cargo mutants --jobs 1 --output target $(MUTANTS)

## Dependencies that a manifest names and no source uses, and files that nothing uses. Part of lint
unused: $(VENV)/ready
	$(TOOLS) cargo shear --locked --deny-warnings

# The clone's, under a folder of their own: those that cargo-deny has fetched from GitHub stay as they are.
AUDIT := target/audit
RUSTSEC := https://github.com/RustSec/advisory-db

## Known vulnerabilities of what Cargo.lock names. RustSec's database comes from GitHub, or from a clone: ADVISORY_DB=path
audit: $(VENV)/ready
ifdef ADVISORY_DB
	git -C $(ADVISORY_DB) rev-parse --quiet --verify HEAD^{commit} > /dev/null
	rm -rf $(AUDIT) && mkdir -p $(AUDIT)
	{ cat deny.toml && echo 'db-path = "$(CURDIR)/$(AUDIT)/databases"'; } > $(AUDIT)/deny.toml
	GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=url.file://$(abspath $(ADVISORY_DB)).insteadOf GIT_CONFIG_VALUE_0=$(RUSTSEC) \
		$(TOOLS) cargo deny --locked --config $(AUDIT)/deny.toml check advisories
else
	$(TOOLS) cargo deny --locked check advisories
endif

## What each function and the local program are made of, for both architectures, as CycloneDX, in target/sbom
sbom: $(VENV_CHECKOV)/ready target/tools/cyclonedx-$(CYCLONEDX)
	$(VENV_CHECKOV)/bin/python tools/sbom.py

## The documents as a book with a search, in target/book/html
docs: target/tools/mdbook-$(MDBOOK)
	$(PYTHON) tools/book.py target/book
	target/tools/bin/mdbook build target/book

## Remove what the targets have made
clean:
	rm -rf target .aws-sam $(VENV) $(VENV_CHECKOV) $(VENV_BENCH) .data console/dist tests/console/results console/node_modules tests/console/node_modules tests/receivers/node_modules docs/deploy/cdk/node_modules tests/bench/peers/node/node_modules

# `pip check` fails when the pins do not fit together.
$(VENV)/ready: tools/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --no-deps --require-hashes --requirement $<
	$(VENV)/bin/pip check
	touch $@

# npm writes that file last.
%/node_modules/.package-lock.json: %/package-lock.json
	npm ci --silent --prefix $*

$(CHROMIUM_SHELL):
	$(SUDO) apt-get update --quiet=2
	$(SUDO) apt-get install --quiet=2 --yes --no-install-recommends chromium-headless-shell fonts-liberation

/usr/bin/faketime:
	$(SUDO) apt-get update --quiet=2
	$(SUDO) apt-get install --quiet=2 --yes --no-install-recommends faketime

/usr/sbin/nginx:
	$(SUDO) apt-get update --quiet=2
	$(SUDO) apt-get install --quiet=2 --yes --no-install-recommends nginx-light

# For the receiver in a private network.
/usr/sbin/ip:
	$(SUDO) apt-get update --quiet=2
	$(SUDO) apt-get install --quiet=2 --yes --no-install-recommends iproute2

target/tools/cyclonedx-$(CYCLONEDX):
	cargo install --quiet --locked --root target/tools cargo-cyclonedx@$(CYCLONEDX)
	touch $@

target/tools/cargo-mutants-$(CARGO_MUTANTS):
	cargo install --quiet --locked --root target/tools cargo-mutants@$(CARGO_MUTANTS)
	touch $@

target/tools/mdbook-$(MDBOOK):
	cargo install --quiet --locked --root target/tools --no-default-features --features search mdbook@$(MDBOOK)
	touch $@

$(VENV_CHECKOV)/ready: tools/requirements-checkov.txt
	$(PYTHON) -m venv $(VENV_CHECKOV)
	$(VENV_CHECKOV)/bin/pip install --quiet --no-deps --require-hashes --requirement $<
	touch $@

$(VENV_BENCH)/ready: tests/bench/requirements.txt
	$(PYTHON) -m venv $(VENV_BENCH)
	$(VENV_BENCH)/bin/pip install --quiet --no-deps --require-hashes --requirement $<
	$(VENV_BENCH)/bin/pip check
	touch $@

# Lambda's client for Node has a part in C++, which its install scripts would compile. They are off, so this does. Nothing is
# fetched: the sources are in the package, and the headers come with Node.
$(RIC)/dist/rapid-client.node: tests/bench/peers/node/node_modules/.package-lock.json | $(NATIVE)
	cd $(RIC) && { sh scripts/preinstall.sh && ../.bin/node-gyp rebuild --python=$(PYTHON) \
		--nodedir="$$(node -p 'path.resolve(process.execPath, "../..")')"; } > build.log 2>&1 || { tail -n 30 build.log; exit 1; }
	cp $(RIC)/build/Release/rapid-client.node $@

$(NATIVE) &:
	$(SUDO) apt-get update --quiet=2
	$(SUDO) apt-get install --quiet=2 --yes --no-install-recommends cmake autoconf automake libtool
