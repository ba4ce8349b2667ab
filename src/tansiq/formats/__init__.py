"""Bytes to domain objects and back, one file format each. Nothing here opens a file."""
