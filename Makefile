PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COMPRESSOR := .venv-compressor

.PHONY: demo test test-core test-clients check mono bench pictures compressor protos web clean

demo: $(VENV)/installed  ## install, start a server, ask it for a sky, write it to out/
	$(BIN)/skyserver demo

test: check mono  ## everything: style, types, tests, in two halves of about equal length
	$(MAKE) --jobs=2 --keep-going test-core test-clients

# one thread: the nets of the tests are so small that a second one only spins
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest

test-core:
	$(PYTEST) --ignore=tests/unity --ignore=tests/cli

test-clients:
	$(PYTEST) tests/unity tests/cli

check: $(VENV)/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# The tests of the Unity package compile and run C#. Where this cannot install what they need, they say so.
MONO := mono-mcs mono-runtime libmono-system-net-http4.0-cil libnunit-framework2.6.3-cil nunit-console
APT_INSTALL := apt-get install -y -qq --no-install-recommends

mono:
	@if ! which mcs nunit-console >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
		then $(APT_INSTALL) $(MONO) || (apt-get update -qq && $(APT_INSTALL) $(MONO)); \
		else echo "To test the Unity package too, run as root: $(APT_INSTALL) $(MONO)"; fi; fi

bench: $(VENV)/installed-dev  ## the figures in tests/benchmarks; needs the data packs
	$(BIN)/python tests/benchmarks/projection.py
	$(BIN)/python tests/benchmarks/panorama.py --model
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/benchmarks/request.py
	$(BIN)/python tests/benchmarks/startup.py
	$(BIN)/python tests/benchmarks/grpcweb.py
	$(BIN)/python tests/benchmarks/training_speed.py

pictures: $(VENV)/installed  ## remake all pictures of skies
	$(BIN)/python docs/pictures.py

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

# torch first and alone: the extras only ask for some torch, and the newest brings gigabytes of CUDA
$(VENV)/installed-dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .[training,test]
	touch $@ $(VENV)/installed

WEB := skyserver/web

web: $(WEB)/dist/index.html  ## build the web page, which `skyserver serve` then shows; needs Node 20

$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(WEB)/index.html \
		$(wildcard $(WEB)/*.ts $(WEB)/*.json) $(shell find $(WEB)/src $(WEB)/public -type f)
	npm --prefix $(WEB) run --silent build -- --logLevel warn

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	npm --prefix $(WEB) ci --silent --no-fund --no-audit
	touch $@

compressor: $(COMPRESSOR)/installed  ## the methods rtn, gptq and awq of `python -m training quantize`

# onnx-neural-compressor needs numpy below 2, which has wheels for Python 3.11 and 3.12
$(COMPRESSOR)/installed: pyproject.toml
	$(PYTHON) -m venv $(COMPRESSOR)
	$(COMPRESSOR)/bin/pip install --quiet .[compressor]
	touch $@

# The oldest compiler that the declared lower bounds allow: what a newer one writes refuses to run
# on an older grpcio or protobuf. It has wheels for Python 3.11 and 3.12.
PROTOC := build/protoc/bin/python -m grpc_tools.protoc --proto_path=protos

protos: build/protoc/installed  ## write skyserver/v1 and the Unity package's messages anew from protos/
	$(PROTOC) --python_out=. --pyi_out=. protos/skyserver/v1/*.proto
	$(PROTOC) --grpc_python_out=. protos/skyserver/v1/skyserver.proto
	$(PROTOC) --include_imports --include_source_info --descriptor_set_out=build/protoc/descriptors \
		protos/skyserver/v1/*.proto
	build/protoc/bin/python protos/csharp_generator.py build/protoc/descriptors \
		unity_package/Editor/Generated/SkyServerMessages.cs

build/protoc/installed:
	$(PYTHON) -m venv build/protoc
	build/protoc/bin/pip install --quiet "grpcio-tools==1.65.1" "setuptools<81"
	touch $@

clean:
	rm -rf $(VENV) $(COMPRESSOR) build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis
