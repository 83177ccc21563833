"""Rectification cases: steps taken, documents, files, measures (services rectify and measures write them)."""
