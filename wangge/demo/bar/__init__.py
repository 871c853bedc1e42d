"""The demo bar: who one is in the demo town, how far its history is, and a guided case in seven steps."""
