"""tansiq: parties that share a space but not their trust see conflicts before they happen."""

__version__ = "0.1.0"
