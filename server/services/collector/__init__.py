"""What the web collector is given: forms, the package for a phone, the phone's own key."""
