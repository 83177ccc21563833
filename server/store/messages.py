"""Notifications: what was told to whom, by which channel, and what is still to be delivered."""
