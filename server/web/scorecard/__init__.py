"""The pages of lights: the matrix, a unit, a light explained."""
