"""The JSON door: Central's REST shape and our own."""
