"""Ledgers, steps in bulk, analysis."""
