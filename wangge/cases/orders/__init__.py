"""Orders and messages from files: read, map the columns, bring into the queue, hand back the outcomes."""
