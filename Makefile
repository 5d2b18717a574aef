# Every target does its own set-up: Node 20 or newer, npm and make are all a machine needs.
SHELL := /bin/sh
NODE = $(shell test -x node_modules/.bin/node && echo node_modules/.bin/node || echo node)
comma := ,
.DEFAULT_GOAL := help
.PHONY: help install run-lite test test-lite test-providers services services-stop services-status check bench bench-providers openapi docs clean-lite-test-data

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 26

# The stamp is newer than the lock file exactly when what is installed is what the lock file says.
node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@PATH="$(CURDIR)/node_modules/.bin:$$PATH" node scripts/check-node.mjs
	@touch $@

install: node_modules/.installed ## install the pinned Node and the packages

run-lite: node_modules/.installed ## start the server with nothing beside it
	@exec ./snug serve --lite

check: node_modules/.installed ## types, lint, formatting
	$(NODE) node_modules/typescript/bin/tsc
	node_modules/.bin/biome check --error-on-warnings .

test: node_modules/.installed check ## everything: check, unit, conformance, acceptance, end to end
	$(NODE) scripts/test.ts all

test-lite: node_modules/.installed ## conformance of the embedded providers and the end-to-end tests
	$(NODE) scripts/test.ts lite

# Servers of Java that run for minutes do not win back what optimising their code for hours costs.
test-providers: export JDK_JAVA_OPTIONS = -XX:TieredStopAtLevel=1
test-providers: node_modules/.installed ## conformance, end to end and outages on the real servers; only=redis,nats narrows it
	@$(NODE) scripts/services/cli.ts start '$(only)'
	SERVICES_REQUIRED=1 $(NODE) scripts/test.ts providers

services: node_modules/.installed ## start the real servers for provider tests; only=redis,nats narrows it
	@$(NODE) scripts/services/cli.ts start '$(only)'

services-stop: node_modules/.installed ## end exactly the servers that "make services" started
	@$(NODE) scripts/services/cli.ts stop '$(only)'

services-status: node_modules/.installed ## tell which of them run, and where
	@$(NODE) scripts/services/cli.ts status '$(only)'

bench: node_modules/.installed ## measure; writes bench/results/*.json and prints a table
	$(NODE) bench/run.ts

bench-providers: node_modules/.installed ## embedded providers against the real servers that run, in one table; only=kv,blob narrows it
	$(NODE) bench/providers/run.ts $(subst $(comma), ,$(only))

openapi: node_modules/.installed ## write openapi.json from the schemas that validate
	$(NODE) scripts/openapi.ts

docs: node_modules/.installed ## write docs/config.md and .env.example from the settings
	$(NODE) scripts/docs.ts

clean-lite-test-data: ## remove the data of lite mode under ./var
	rm -rf var/data
