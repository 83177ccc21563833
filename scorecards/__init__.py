"""What we conclude: lights, roll-ups, explanations, snapshots, findings, charts. Pure: no HTTP, database or clock."""
