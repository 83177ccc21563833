"""Signing in, the first page of each role, the inbox."""
