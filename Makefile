PYTHON ?= python3

# The oldest compiler that the declared lower bounds allow: what a newer one writes refuses to run
# on an older grpcio or protobuf. It has wheels for Python 3.11 and 3.12.
PROTOC := build/protoc/bin/python -m grpc_tools.protoc --proto_path=protos

.PHONY: protos
protos: build/protoc/installed  ## write skyserver/v1 anew from protos/
	$(PROTOC) --python_out=. --pyi_out=. protos/skyserver/v1/*.proto
	$(PROTOC) --grpc_python_out=. protos/skyserver/v1/skyserver.proto

build/protoc/installed:
	$(PYTHON) -m venv build/protoc
	build/protoc/bin/pip install --quiet "grpcio-tools==1.65.1" "setuptools<81"
	touch $@
