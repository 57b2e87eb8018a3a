//! Measures the store against the raw drivers, and the servers against their peers.
