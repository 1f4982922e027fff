# Short cuts over dev.py and the command line in .venv; `make help` lists them.
.DEFAULT_GOAL := help
DUTYBOOK := .venv/bin/dutybook

.PHONY: help dev check test faults schema hooks migrate bench

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dev:  ## install, load the demo company and serve it
	python3 dev.py demo

check:  ## lint, format, types, layers and the published schema, as in CI
	python3 dev.py check

test:  ## the whole test suite; make test ARGS="tests/core -k duty"
	python3 dev.py test $(ARGS)

faults:  ## kill and starve the server at full length; DUTYBOOK_FAULT_ROUNDS=20 is what CI does
	DUTYBOOK_FAULT_ROUNDS=$${DUTYBOOK_FAULT_ROUNDS:-200} python3 dev.py test -m faults --timeout 7200

schema:  ## write schema/dutybook.graphql from the code
	python3 dev.py install
	$(DUTYBOOK) schema print > schema/.printed && mv schema/.printed schema/dutybook.graphql

hooks:  ## write core/dutybook/lifecycle/README.md, the reference of hooks, from the code
	python3 dev.py install
	.venv/bin/python -m tests.contract.hooks_page

migrate:  ## bring the database of DUTYBOOK_DATABASE_URL to the newest migrations
	python3 dev.py install
	$(DUTYBOOK) db upgrade

bench:  ## time queries, import and publishing beside hand-written SQL
	python3 dev.py install
	.venv/bin/python -m tests.bench
