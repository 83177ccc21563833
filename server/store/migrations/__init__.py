"""Migrations of the store, run by server.store.migrate; each is named by its date."""
