"""Generated from protos/skyserver/v1 by `make protos`."""
