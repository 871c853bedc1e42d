"""What every answer says to the browser: own files only, no frames, nothing kept, no device that is not used.

Pages: own scripts and style sheets from files, never inline, so what a resident typed can never become a program.
Everything else (JSON, tables, drawings, pictures) may load nothing at all, should somebody open it by itself.
A view that sets a header keeps it: stored files are stricter (``files/views.py``).

Written here and not taken from a library: no nonces and no report address are needed, so it is this table. Django 6.0
brings the policy itself; then the two policies move into ``SECURE_CSP``.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

# blob: pictures and sound that the page shows before they are sent; data: small pictures inside the page
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
OTHER_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
NO_STORE = "no-store"
# the position is asked on pages where something is reported, by a button; nothing else is ever used
DEVICES = ("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "gyroscope",
           "hid", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock",
           "serial", "usb", "xr-spatial-tracking")  # fmt: skip
NO_DEVICES = ", ".join(f"{device}=()" for device in (*DEVICES, "geolocation"))
POSITION_ONLY = ", ".join([*(f"{device}=()" for device in DEVICES), "geolocation=(self)"])
PLACES_ASKED = ("/report/", "/field/")
FOR_EVERYBODY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # the resident's code stands in addresses: it is named to no other site
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
YEAR_S = 365 * 24 * 3600
HSTS = f"max-age={YEAR_S}; includeSubDomains"


class SafeHeaders:
    """Middleware outside everything that answers, so that static files and refusals have the headers too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in FOR_EVERYBODY.items():
            response.setdefault(name, value)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        response.setdefault("Content-Security-Policy", PAGE_POLICY if is_page else OTHER_POLICY)
        response.setdefault("Cache-Control", NO_STORE)
        if is_page:
            asks = request.path_info.startswith(PLACES_ASKED)
            response.setdefault("Permissions-Policy", POSITION_ONLY if asks else NO_DEVICES)
        if settings.IS_HTTPS:  # a browser heeds it over https only
            response.setdefault("Strict-Transport-Security", HSTS)
        return response
