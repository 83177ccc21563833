"""The tables, one module a group, with every statement about them; only store.db commits."""
