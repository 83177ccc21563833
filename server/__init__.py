"""How the world reaches us: the only room with HTTP, a database, a clock, users, jobs and pages."""
