"""Who conflicts with whom: `exact` is the definition, `batch` the same answer for many volumes at once."""
