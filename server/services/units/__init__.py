"""Units: the tree of districts, towns, departments and schools."""
