"""Editing the catalogue: one function a verb; every edit raises the version and keeps what the row was."""

from wangge.catalog.actions.policies import (
    add_policy_row,
    copy_policy,
    describe_policy,
    edit_policy_row,
    publish_policy,
    remove_policy_row,
)
from wangge.catalog.actions.rows import (
    add_row,
    adopt_responsibility,
    edit_row,
    propose_responsibility,
    retire_row,
)

__all__ = [
    "add_policy_row",
    "add_row",
    "adopt_responsibility",
    "copy_policy",
    "describe_policy",
    "edit_policy_row",
    "edit_row",
    "propose_responsibility",
    "publish_policy",
    "remove_policy_row",
    "retire_row",
]
