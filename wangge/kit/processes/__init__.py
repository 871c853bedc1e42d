"""The processes of one installation: they start together, and none outlives the one that started it."""
