"""Looking after one installation: upgrade, backup, restore, doctor."""
