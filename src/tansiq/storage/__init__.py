"""Where a node's memory lies: in this process for tests and the simulated world, or in a folder with SQLite."""
