"""The door for phones: OpenRosa as ODK Collect really speaks it."""
