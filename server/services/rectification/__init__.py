"""From a finding to its verified fix: steps, the clock, what follows from submissions."""
