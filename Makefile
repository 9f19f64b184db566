# uv if a *working* uv is on the path, else a private copy; both read the same pinned requirements.lock.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .tools/bin/uv)
BIN := .venv/bin
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV

.PHONY: demo test test-all browser docs lint format bench readme lock clean planted
demo: .venv/ready
	$(BIN)/iom-causal evaluate --out iom-report

# Each of the two workers has one core, and matrices are multiplied on it alone; a file stays with one worker, so that
# what its tests share is made once.
test: .venv/ready
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile

test-all: .venv/ready
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not browser"

# The page in a browser of this machine.
browser: .venv/ready
	@UV="$(UV)" BIN=$(BIN) tests/browser/run.sh

# The documentation, with nothing read from outside and no warning let pass; open out/docs/index.html.
docs: .venv/ready
	$(UV) pip install --quiet --python $(BIN)/python -r requirements-docs.lock
	rm -rf docs/reference/generated
	$(BIN)/python -m sphinx -q -j 2 --fail-on-warning --keep-going -b html docs out/docs

# Plants faults one at a time in a copy of the tree and counts those that the tests notice.
planted: .venv/ready
	$(BIN)/python tests/planted/run.py

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/ready
	$(BIN)/python benchmarks/run.py

# After a change of what the demo prints; the pictures want a chromium.
readme: .venv/ready
	$(BIN)/python -m docs.make_readme

lock: $(filter .tools/bin/uv,$(UV))
	$(UV) pip compile pyproject.toml --universal --all-extras --group dev --generate-hashes --no-emit-index-url --no-annotate --no-header --custom-compile-command "make lock" -o requirements.lock
	$(UV) pip compile --group pyproject.toml:docs --universal --constraint requirements.lock --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements-docs.lock
	$(UV) pip compile --group pyproject.toml:browser --universal --constraint requirements.lock --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements-browser.lock

clean:
	rm -rf .venv .tools iom-report

.tools/bin/uv:
	python3 -m venv .tools
	.tools/bin/python -m pip install -q uv

# The last steps compile the kernels once, so that the first run is as quick as any and no two tests compile the same.
.venv/ready: $(filter .tools/bin/uv,$(UV)) requirements.lock pyproject.toml
	@$(UV) venv --clear --quiet --python 3.13 .venv || $(UV) venv --clear --python '>=3.12' .venv || \
	  { echo "iom-causal needs Python 3.12 or later, and none was found here or could be fetched: install one, and type the same again." >&2; exit 1; }
	$(UV) pip sync --quiet --python $(BIN)/python requirements.lock
	$(UV) pip install --quiet --no-deps --python $(BIN)/python --editable .
	$(BIN)/python -c "import iom_causal as iom; iom.evaluate('template', quick=True)"
	$(BIN)/python -c "import iom_causal as iom; iom.load_scenario('comparison-cohort').careers.batch(2, rng=1)"
	touch $@
