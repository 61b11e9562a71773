"""Where the figures of docs/benchmarks.md come from: `make bench`, and `make bench-quick`."""
