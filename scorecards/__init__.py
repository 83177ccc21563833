"""What we conclude: lights, roll-ups, explanations, snapshots, findings, charts. Pure: no HTTP, no database, no clock."""
