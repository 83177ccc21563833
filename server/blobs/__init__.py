"""Bytes by content address."""
