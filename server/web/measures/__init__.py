"""The pages of measures."""
