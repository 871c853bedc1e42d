"""PostgreSQL of one installation: found, set up, started, shared by all commands, stopped by the last."""

from wangge.kit.cluster.folder import Layout, data_folder
from wangge.kit.postgres.leases import Server, lease
from wangge.kit.postgres.urls import check_url, database_url, django_database

__all__ = ["Layout", "Server", "check_url", "data_folder", "database_url", "django_database", "lease"]
