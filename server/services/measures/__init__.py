"""Measures against units and in their favour: proposed by rule, decided by people."""
