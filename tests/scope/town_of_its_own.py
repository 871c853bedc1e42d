"""Run beside a serving installation: the cast's town in its database, and everything that stands there as plain text.

``python -m tests.scope.town_of_its_own`` does what each line of its input says: build, break, mend, dump, restored FILE.
Each answer comes with its length before it.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

from wangge.__main__ import Entry, opened

if __name__ == "__main__":
    with opened(Entry("", "", "")):
        from django.contrib.sessions.models import Session
        from django.db import connections

        from tests.cast import build_town
        from wangge.kit.clock import REAL_CLOCK
        from wangge.kit.upkeep import dump

        def said(words: list[str], **given: object) -> bytes:
            process = dump.start(dump.programs(dump.server_version()), words, stdout=subprocess.PIPE, **given)  # type: ignore[arg-type]
            out, _ = process.communicate()
            assert process.returncode == 0, words
            return out

        def dumped() -> bytes:
            sessions = "\n".join(str(session.get_decoded()) for session in Session.objects.all())
            return said(["pg_dump", "--inserts", "--rows-per-insert=1"]) + sessions.encode()

        def restored(file: str) -> bytes:
            with tarfile.open(Path(file)) as archive:
                member = next(one for one in archive.getmembers() if one.name.endswith("dump"))
                content = archive.extractfile(member)
                assert content is not None
                place = Path(file).with_suffix(".custom")
                place.write_bytes(content.read())
            found = said(["pg_restore", "--file=-", str(place)], as_client=False)
            place.unlink()
            return found

        def done(words: list[str]) -> bytes:
            match words:
                case ["build"]:
                    return build_town(REAL_CLOCK.now()).token("intake_clerk").encode()
                case ["break"]:
                    connections["owner"].cursor().execute(
                        "ALTER TABLE cases_privatewords RENAME TO cases_gone"
                    )
                case ["mend"]:
                    connections["owner"].cursor().execute(
                        "ALTER TABLE cases_gone RENAME TO cases_privatewords"
                    )
                case ["dump"]:
                    return dumped()
                case ["restored", file]:
                    return restored(file)
            return b""

        for line in sys.stdin:
            answer = done(line.split())
            connections.close_all()
            sys.stdout.buffer.write(len(answer).to_bytes(8) + answer)
            sys.stdout.buffer.flush()
