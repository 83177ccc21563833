"""The demo: an invented district with real place names, whose visits arrive through the real OpenRosa door."""
