"""Lifecycles: declared tables of steps, one small engine that runs them, and the clock that watches them."""
