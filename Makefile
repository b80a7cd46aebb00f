# Each target installs by itself what it needs, pinned: crates by Cargo.lock, Python tools by tools/*.txt in .venv.

VENV := .venv
PYTHON ?= python3

# Tools in the virtual environment call one another by name: sam calls cargo-lambda.
TOOLS := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= us-east-1

.PHONY: run test lint lint-rust lint-template test-rust test-template build deploy openapi latency clean

## Start everything on this machine: API on http://127.0.0.1:8787, DynamoDB on http://127.0.0.1:8000
run:
	cargo run --quiet --locked --package instance-webhooks

## Everything that CI checks
test: lint test-template test-rust

## Formatting, clippy, dependencies, template
lint: lint-rust lint-template

lint-rust: $(VENV)/ready
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- --deny warnings
	$(TOOLS) cargo deny --locked --offline check -A duplicate bans licenses sources

lint-template: $(VENV)/ready
	$(VENV)/bin/sam validate
	$(VENV)/bin/cfn-lint -t template.yaml infra/*.yaml

## What the template promises: permissions, retention, mappings
test-template: $(VENV)/ready
	$(VENV)/bin/pytest --quiet -p no:cacheprovider tests/template

## Unit, API, fan-out and whole-program tests. Most of the latter wait for sockets: more threads than cores.
test-rust: $(VENV)/ready
	MINISTACK=$(CURDIR)/$(VENV)/bin/ministack RUST_TEST_THREADS=8 cargo test --workspace --locked

## The deployable functions, in .aws-sam/build
build: $(VENV)/ready
	$(TOOLS) sam build

## Deploy to the AWS account that the environment names; asks for what it has to know
deploy: build
	$(TOOLS) sam deploy --guided

## Write docs/openapi.json anew from the code
openapi:
	UPDATE_OPENAPI=1 cargo test --package webhooks --test api the_openapi_document_is_the_committed_one

clean:
	rm -rf target .aws-sam $(VENV) .data

# `pip check` fails when the pins do not fit together.
$(VENV)/ready: tools/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --requirement $<
	$(VENV)/bin/pip check
	touch $@
