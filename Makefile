PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COMPRESSOR := .venv-compressor

WEB := skyserver/web
NPM := $(shell command -v npm)
# without npm the web page is neither built nor tested
WEB_PACKAGES := $(if $(NPM),$(WEB)/node_modules/.package-lock.json)

.PHONY: demo test test-unity test-web test-training test-rest check mono chromium bench pictures web compressor
.PHONY: web-pictures protos fuzz clean

demo: $(VENV)/installed  ## install, start a server, ask it for a sky, write it to out/
	$(BIN)/skyserver demo

# Three parts at a time, the longest first: all of them wait much, for servers and browsers.
test: check mono chromium $(if $(NPM),web)  ## everything: style, types, tests
	$(MAKE) --jobs=3 --keep-going test-unity test-web test-training test-rest

# one thread: the nets of the tests are so small that a second one only spins
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest

test-unity test-web test-training: test-%:
	$(PYTEST) tests/$*

test-rest:
	$(PYTEST) --ignore=tests/unity --ignore=tests/web --ignore=tests/training

check: $(VENV)/installed-dev $(WEB_PACKAGES)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(if $(NPM),npm --prefix $(WEB) run --silent check)

# What some tests need from the system. Where this cannot install it, it says so.
MONO := mono-mcs mono-runtime libmono-system-net-http4.0-cil libnunit-framework2.6.3-cil nunit-console
APT_INSTALL := apt-get install -y -qq --no-install-recommends

# $(call system,COMMANDS,PACKAGES,WHAT IS TESTED)
define system
	@if ! which $(1) >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
		then $(APT_INSTALL) $(2) || (apt-get update -qq && $(APT_INSTALL) $(2)); \
		else echo "To test $(3) too, run as root: $(APT_INSTALL) $(2)"; fi; fi
endef

mono:
	$(call system,mcs nunit-console,$(MONO),the Unity package)

chromium:
	$(call system,chromium,chromium,the web page)

bench: $(VENV)/installed-dev  ## the figures in tests/benchmarks; needs the data packs
	$(BIN)/python tests/benchmarks/projection.py
	$(BIN)/python tests/benchmarks/panorama.py --model
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/benchmarks/request.py
	$(BIN)/python tests/benchmarks/startup.py
	$(BIN)/python tests/benchmarks/grpcweb.py
	$(BIN)/python tests/benchmarks/load.py -- --cache-bytes 0
	$(BIN)/python tests/benchmarks/batching.py
	$(BIN)/python tests/benchmarks/peer.py
	$(BIN)/python tests/benchmarks/web.py
	$(BIN)/python tests/benchmarks/training_speed.py

pictures: $(VENV)/installed  ## remake all pictures of skies
	$(BIN)/python docs/pictures.py

web-pictures: $(VENV)/installed-dev chromium web  ## retake the pictures of the web page
	$(BIN)/python docs/web_pictures.py

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

web: $(if $(NPM),$(WEB)/dist/index.html)  ## build the web page, which `skyserver serve` then shows
	@$(if $(NPM),,echo "The web page is built with Node 20 or later and its npm, which are not here"; exit 1)

$(WEB)/dist/index.html: $(WEB_PACKAGES) $(WEB)/index.html \
		$(wildcard $(WEB)/*.ts $(WEB)/*.json) $(shell find $(WEB)/src $(WEB)/public $(WEB)/plugins -type f)
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

protos: build/protoc/installed $(WEB_PACKAGES)  ## write skyserver/v1 and the other clients' messages anew from protos/
	$(PROTOC) --python_out=. --pyi_out=. protos/skyserver/v1/*.proto
	$(PROTOC) --grpc_python_out=. protos/skyserver/v1/skyserver.proto protos/skyserver/v1/admin.proto
	$(PROTOC) --include_imports --include_source_info --descriptor_set_out=build/protoc/descriptors \
		protos/skyserver/v1/errors.proto protos/skyserver/v1/skyserver.proto
	build/protoc/bin/python protos/csharp_generator.py build/protoc/descriptors \
		unity_package/Editor/Generated/SkyServerMessages.cs
	build/protoc/bin/python -m grpc_tools.protoc --proto_path=protos/skyserver protos/skyserver/v1/skyserver.proto \
		--plugin=$(WEB)/node_modules/.bin/protoc-gen-es --es_out=target=ts:$(WEB)/src

build/protoc/installed:
	$(PYTHON) -m venv build/protoc
	build/protoc/bin/pip install --quiet "grpcio-tools==1.65.1" "setuptools<81"
	touch $@

# atheris has wheels for Linux alone
RUNS := 10000

fuzz: build/fuzz/installed  ## hostile inputs for all that reads bytes from outside, RUNS of them for each reader
	build/fuzz/venv/bin/python tests/fuzz/harness.py $(RUNS)

build/fuzz/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv build/fuzz/venv
	build/fuzz/venv/bin/pip install --quiet --constraint constraints.txt --editable .[hdr] onnx atheris==3.0.0
	touch $@

clean:
	rm -rf $(VENV) $(COMPRESSOR) $(WEB)/dist $(WEB)/node_modules build dist out
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
