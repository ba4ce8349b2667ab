"""Turns what a party says into bytes that neither side can deny: keys, entries, channels, logs, checkpoints."""
