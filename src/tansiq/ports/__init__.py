"""What the core asks of the world: a store, a clock, lots to draw. Nothing here does anything by itself."""
