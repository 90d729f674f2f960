"""Proof that the books were not changed: `digest` defines it, `verify` checks it."""
