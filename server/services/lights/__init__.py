"""From the facts of a quarter to lights: live, explained, frozen."""
