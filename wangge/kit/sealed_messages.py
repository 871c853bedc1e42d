"""What a page says once after a redirect travels in a cookie: encrypted, because it may hold a resident's code."""

from __future__ import annotations

import base64
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.signing import BadSignature

from wangge.kit.crypto import key_ring
from wangge.kit.errors import DomainError

PURPOSE = "messages"


class Sealer:
    """Stands where Django only signs."""

    def sign_object(self, content: Any, *, serializer: Any, compress: bool = False) -> str:
        # ``compress`` is a wish: what is encrypted gets no shorter, and what was compressed before tells its length
        text = serializer().dumps(content).decode("latin-1")
        return base64.urlsafe_b64encode(key_ring(settings.KEYS_FOLDER).seal(text, PURPOSE)).decode()

    def unsign_object(self, sealed: str, *, serializer: Any) -> Any:
        """Raises BadSignature for what was not sealed here, or long ago."""
        try:
            text = key_ring(settings.KEYS_FOLDER).unseal(base64.urlsafe_b64decode(sealed), PURPOSE)
        except (ValueError, DomainError) as error:
            raise BadSignature("not ours") from error
        return serializer().loads(text.encode("latin-1"))


class SealedMessages(CookieStorage):
    """Django's messages in a cookie that only we can read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signer = Sealer()
