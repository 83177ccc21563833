"""The verbs: plain functions, keyword-only, by whom and at which moment; each records an event."""
