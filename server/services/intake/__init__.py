"""What comes in: submissions, records, keyed papers; judged, kept, reviewed."""
