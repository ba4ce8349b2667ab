"""A made-up world from one seed: for demos, tests and benchmarks."""
