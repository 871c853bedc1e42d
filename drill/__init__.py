"""Drills against loss: real processes are killed and starved, and what was acknowledged is compared with what is there."""
