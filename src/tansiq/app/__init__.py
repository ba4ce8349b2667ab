"""A node as it lies on a machine: its directory, its clock and its lots; and how all of it is put together."""
