"""The desk, a finding with its steps, its documents."""
