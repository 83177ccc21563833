"""People: accounts, signing in, keys of phones."""
