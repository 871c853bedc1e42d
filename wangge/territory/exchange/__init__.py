"""A town of one's own, in tables: templates, reading, dry run, all or nothing, export. See ``run.py``."""
