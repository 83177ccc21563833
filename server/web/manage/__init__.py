"""The pages of administration: units, people, checklists, phones."""
