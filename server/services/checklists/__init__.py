"""Checklists: published, compiled for the intake, and on paper."""
