# `just check` is what a change must pass; the rest are parts of it.

default:
    @just --list

# Everything a change must pass.
check:
    tests/run

# Full rounds, histories and hours.
long *STAGES:
    tests/run --long {{STAGES}}

# Some stages: just run clippy tidy
run *STAGES:
    tests/run {{STAGES}}

# A server with sample data on loopback.
demo *ARGUMENTS:
    cargo run --package kontor -- demo {{ARGUMENTS}}

# Known vulnerabilities of the dependencies. Needs the Internet.
advisories:
    cargo deny check advisories

format:
    cargo fmt --all
