"""The nouns: who announces what, and what it means where a plan is silent."""
