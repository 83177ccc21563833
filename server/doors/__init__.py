"""What every door shares: sessions, the viewer, the language, and how a problem is answered."""
