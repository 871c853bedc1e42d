"""A group of commands to which features above the catalogue add theirs, by a list in ``wangge/wiring.py``."""

from __future__ import annotations

import click

from wangge.kit.program import Program


class OfferedGroup(click.Group):
    """Its own sub-commands, then those that the wiring lists under ``offer`` (``IMPORT_COMMANDS``)."""

    offer = ""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.commands, *(name for command in self._offered(ctx) if (name := command.name))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        offered = {command.name: command for command in self._offered(ctx)}
        return super().get_command(ctx, cmd_name) or offered.get(cmd_name)

    def _offered(self, ctx: click.Context) -> list[click.Command]:
        return list(ctx.obj.listed(self.offer)) if isinstance(ctx.obj, Program) else []


class ImportGroup(OfferedGroup):
    offer = "IMPORT_COMMANDS"


class ExportGroup(OfferedGroup):
    offer = "EXPORT_COMMANDS"
