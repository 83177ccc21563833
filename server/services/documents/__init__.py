"""Documents: numbered, with their values, as Word and PDF."""
