# `make demo` shows the main job, `make test` runs every check. Both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CELLPROFILER := .venv-cellprofiler
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: demo test lint types check benchmarks picture model clean

demo: $(VENV)/.installed
	$(BIN)/samcell-cli demo demo --overwrite

test: lint types check

lint: $(VENV)/.test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test-ready
	$(BIN)/mypy

check: $(VENV)/.test-ready $(VENV)/.programs $(CELLPROFILER)/installed.txt
	$(BIN)/python -m pytest

benchmarks: $(VENV)/.test-ready
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/watershed.py
	$(BIN)/python benchmarks/measures.py
	$(BIN)/python benchmarks/tuning.py
	$(BIN)/python benchmarks/lite.py
	$(BIN)/python benchmarks/drawn.py
	$(BIN)/python benchmarks/folder.py
	$(BIN)/python benchmarks/cellprofiler.py

picture: $(VENV)/.installed
	$(BIN)/python examples/how_it_works.py docs/how_it_works.png

# The built-in model from nothing: `make model DATA=folder of the images`. It takes hours.
DATA = images
TRAIN = $(BIN)/python -m samcell_core.training $(DATA) --manifest recipes/samcell-lite.csv
EXPORT = $(BIN)/python -m samcell_core.training.export --diameter 36 --peak 0.37 --fill 0.06
model: $(VENV)/.installed
	$(TRAIN) --recipe recipes/samcell-lite.toml --out model/first
	$(TRAIN) --recipe recipes/samcell-lite-2.toml --start model/first/best.safetensors --out model/second
	$(EXPORT) model/second/best.safetensors model/mean.safetensors --average-with model/first/best.safetensors
	$(TRAIN) --recipe recipes/samcell-lite-3.toml --start model/mean.safetensors --out model/third
	$(EXPORT) model/third/best.safetensors model/next.safetensors --average-with model/mean.safetensors
	$(TRAIN) --recipe recipes/samcell-lite-4.toml --start model/next.safetensors --out model/fourth
	$(EXPORT) model/fourth/best.safetensors model/last.safetensors --average-with model/next.safetensors --average-with model/next.safetensors
	$(TRAIN) --recipe recipes/samcell-lite-5.toml --start model/last.safetensors --out model/fifth
	$(TRAIN) --recipe recipes/samcell-lite-6.toml --start model/fifth/best.safetensors --out model/sixth
	$(EXPORT) model/sixth/best.safetensors model/before.safetensors --average-with model/sixth/best.safetensors --average-with model/last.safetensors
	$(TRAIN) --recipe recipes/samcell-lite-7.toml --start model/before.safetensors --out model/seventh
	$(TRAIN) --recipe recipes/samcell-lite-8.toml --start model/seventh/best.safetensors --out model/eighth
	$(EXPORT) model/eighth/best.safetensors model/samcell-lite.safetensors --average-with model/eighth/best.safetensors \
	  --average-with model/seventh/best.safetensors --average-with model/before.safetensors --average-with model/before.safetensors

$(VENV)/.created:
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade "pip>=25.1"
	touch $@

$(VENV)/.installed: $(VENV)/.created pyproject.toml constraints.txt
	$(PIP) --constraint constraints.txt --editable .
	touch $@

$(VENV)/.test-ready: $(VENV)/.installed
	$(PIP) --constraint constraints.txt --group test --group peers
	$(PIP) --constraint constraints.txt --no-deps cellpose
	mkdir -p $(VENV)/types
	ln -sfn ../../cli $(VENV)/types/samcell_cli
	touch $@

# ImageJ and a browser, which the tests open our files with; a compiler of Java for the Fiji command
# and CellProfiler, one of C for the latter. Elsewhere than on Debian: by hand.
PROGRAMS = imagej xvfb xauth chromium default-jdk-headless gcc libc6-dev
$(VENV)/.programs: $(VENV)/.created
	( for program in imagej xvfb-run xauth chromium javac cc; do command -v $$program || exit 1; done ) >/dev/null \
	|| { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq $(PROGRAMS); }
	touch $@

# CellProfiler, in releases of packages that are too old for the engine.
$(CELLPROFILER)/installed.txt: $(VENV)/.programs $(wildcard tests/cellprofiler_plugin/environment/*.*)
	$(BIN)/python tests/cellprofiler_plugin/environment/set_up.py $(CELLPROFILER)
	touch $@

clean:
	rm -rf $(VENV) $(CELLPROFILER) build demo model *.egg-info .mypy_cache .pytest_cache .ruff_cache
