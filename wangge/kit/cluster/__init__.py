"""The server's side of the launcher: it imports nothing but the standard library, so that it starts at once."""
