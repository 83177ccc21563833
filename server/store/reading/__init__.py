"""The statements behind pages, packages and reports; nothing here writes."""
