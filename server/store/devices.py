"""Phones and browsers that collect: the device behind a key, and what it was last seen with."""
