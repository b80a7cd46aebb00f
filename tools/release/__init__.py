"""A release: what others deploy without a toolchain. docs/RELEASING.md says when, docs/deploy/README.md how it is used."""
