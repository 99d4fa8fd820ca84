# Everything a user types. `make env` builds the environment in .venv; every other target does so first where needed.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
BENCH_READY := .venv/.bench-ready
MLFLOW_READY := .venv/.mlflow-ready
READER_READY := .venv/.reader-ready
STORES_READY := .venv/.stores-ready
SPARK_READY := .venv/.spark-ready
PACKAGES := benchmarks cli dags expectations ingest ml pages pipeline plugins serving simulator tests tradeline

.PHONY: help env spark demo test test-fast lint up down bench bench-million bench-spark docs features clean
help:
	@echo "make demo              simulate a marketplace, run the pipelines in a real Airflow, show the offers"
	@echo "make demo OLIST=PATH   the same with the Olist archive, a real marketplace (in a TRADELINE_HOME of its own)"
	@echo "make up                Airflow's web UI and scheduler, until Ctrl-C or make down"
	@echo "make down              stop what make up started"
	@echo "make test              every test"
	@echo "make test-fast         those that take no more than a moment each: two of five tests, in under a minute"
	@echo "make lint              style, types, floors (who imports whom), SQL"
	@echo "make bench SELLERS=N   a simulated market of N sellers: seconds, rows/s, memory of each stage; Polars and Spark"
	@echo "                       beside it; KEEP=PATH leaves its home there"
	@echo "make bench OLIST=PATH  seconds and peak memory of each stage on the Olist archive"
	@echo "make bench SEEDS=5     the model of that many simulated markets beside the scorecard, one taught by 200,000 loans"
	@echo "                       and the true pd; a naive join; KEEP=PATH leaves the markets there for another recipe"
	@echo "make bench GATES=1     how often gates stop or warn on honest nights, and find a night in cents; OLIST=PATH for"
	@echo "                       that market too; KEEP=PATH leaves the markets there"
	@echo "make bench ORDERS=N    that many orders out of a PostgreSQL, a MariaDB and a SQLite that are started for it"
	@echo "make bench-million     a night of a million sellers: 50,000 simulated ones, twenty times over (COPIES=N; HOME_OF=PATH"
	@echo "                       copies a home of your own); takes about 50 GB of disk; KEEP=PATH leaves its home there"
	@echo "make bench-spark       a night on DuckDB and on Spark with 1 and 2 cores; SELLERS=N, by default 2,000"
	@echo "make docs              dbt's documentation as one page, target/dbt_docs.html"
	@echo "make features          docs/features, the pages of the feature catalogue, from the demonstration's market"
	@echo "make env               the environment only"
	@echo "make spark             PySpark and dbt-spark beside it, for homes with TRADELINE_ENGINE=spark; Java is the machine's own"
	@echo "make clean             remove the environment; what is in TRADELINE_HOME stays"

env: $(READY)

# Bytecode is compiled here because some machines forbid Python to write it later, and importing without is 3 times slower.
$(READY): requirements/bootstrap.txt requirements/lock.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Tradeline needs Python 3.11 to 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1). Install one (Debian: apt install python3 python3-venv) and say which: make env PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments. Debian: apt install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements/lock.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps --editable .
	@touch $@

demo: $(READY)
	@$(BIN)/tradeline demo $(if $(OLIST),--olist "$(OLIST)")

# A real MLflow server, which model versions are logged to. It needs other versions than Tradeline does, so it has an
# environment of its own, without what a server never imports.
$(MLFLOW_READY): $(READY) requirements/mlflow.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/mlflow
	$(BIN)/uv pip install --quiet --python .venv/mlflow/bin/python --no-deps --require-hashes --compile-bytecode -r requirements/mlflow.txt
	@touch $@

# The newest DuckDB 1.x, as a client that opens what is published.
$(READER_READY): $(READY) requirements/reader.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/reader
	$(BIN)/uv pip install --quiet --python .venv/reader/bin/python --no-deps --require-hashes -r requirements/reader.txt
	@touch $@

# An object store that speaks as S3 does, which exports are read from and offers written to.
$(STORES_READY): $(READY) requirements/stores.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/stores
	$(BIN)/uv pip install --quiet --python .venv/stores/bin/python --no-deps --require-hashes --compile-bytecode -r requirements/stores.txt
	@touch $@

# The other engine that the models run on. Beside the environment, not in it: Great Expectations imports pyspark where it
# finds it, and cannot under pytest-xdist. Java is the machine's own.
$(SPARK_READY): $(READY) requirements/spark.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target .venv/spark --no-deps --require-hashes --compile-bytecode -r requirements/spark.txt
	@touch $@

spark: $(SPARK_READY)

test: $(READY) $(MLFLOW_READY) $(READER_READY) $(STORES_READY) $(SPARK_READY)
	@$(BIN)/python -m compileall -q $(PACKAGES) # where Python may not write, each process compiles them anew
	@$(BIN)/python -m tests.same_tests
	@OLIST="$(OLIST)" $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

# Without those that build a home, train a model, or start Airflow or a server.
test-fast: $(READY)
	@$(BIN)/pytest -n 2 --dist loadfile -m "not slow"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models

up: $(READY)
	@$(BIN)/tradeline up

down: $(READY)
	@$(BIN)/tradeline down

# Polars and PySpark (660 MB) are for comparison only, and installed only when they are compared with.
# Beside the environment, not in it: Great Expectations imports pyspark where it finds it, and cannot under pytest-xdist.
$(BENCH_READY): $(READY) requirements/bench.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target .venv/bench --no-deps --require-hashes --compile-bytecode -r requirements/bench.txt
	@touch $@

keep = $(if $(KEEP),--keep "$(KEEP)")
bench: $(READY) $(if $(SELLERS),$(BENCH_READY))
	@test -n "$(SELLERS)$(OLIST)$(SEEDS)$(GATES)$(ORDERS)" || \
		{ echo "Say on what: make bench SELLERS=10000, OLIST=path/to/olist.zip, SEEDS=5, GATES=1 or ORDERS=1000000" >&2; exit 2; }
	@$(BIN)/python -m $(if $(ORDERS),benchmarks.sources --orders $(ORDERS),$(if $(GATES),benchmarks.gates $(if $(OLIST),--olist "$(OLIST)") $(keep),$(if $(SEEDS),benchmarks.truth --seeds $(SEEDS) $(keep),\
		$(if $(SELLERS),benchmarks.market --sellers $(SELLERS) $(keep),benchmarks "$(OLIST)"))))

bench-million: $(READY)
	@$(BIN)/python -m benchmarks.million $(if $(HOME_OF),--home "$(HOME_OF)") $(if $(SELLERS),--sellers $(SELLERS)) \
		$(if $(COPIES),--copies $(COPIES)) $(keep)

bench-spark: $(SPARK_READY)
	@$(BIN)/python -m benchmarks.spark $(if $(SELLERS),--sellers $(SELLERS))

docs: $(READY)
	@$(BIN)/tradeline docs

# The market of the demonstration in a home of its own, whatever TRADELINE_HOME says.
features: export TRADELINE_HOME = $(CURDIR)/target/features_home
features: $(READY)
	@rm -rf $(TRADELINE_HOME)
	@$(BIN)/tradeline simulate
	@$(BIN)/tradeline run
	@$(BIN)/python -m ml.reports.features

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
