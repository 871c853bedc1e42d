"""What is wrong with a phone page, as a thumb or a screen reader would find it."""

from __future__ import annotations

import os
from pathlib import Path

from django.test import Client
from playwright.sync_api import BrowserContext, Page

from wangge.accounts.demo_rules import BACKEND
from wangge.accounts.models import User

SHOTS = os.environ.get("WANGGE_SHOTS", "")
LEAST_TAP = 47  # pixels; 48 but for rounding

CHECKS = """(least) => {
  const wrong = [];
  const inBar = (e) => e.closest('.demo-bar, .skip');
  const name = (e) => (e.getAttribute('aria-label') || (e.labels && [...e.labels].map(l => l.textContent).join(' ')) ||
    e.textContent.trim() || '').trim();
  for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    const box = e.getBoundingClientRect();
    if (inBar(e) || e.closest('[hidden], details:not([open]) > :not(summary)') || e.tabIndex === -1) continue;
    if (!name(e)) wrong.push('no name: ' + e.outerHTML.slice(0, 120));
    if (box.width <= 1 || box.height <= 1 || e.closest('dd, .steps')) continue;
    const target = e.matches('[type=checkbox], [type=radio]') ? e.closest('label') : e;
    const height = target.getBoundingClientRect().height;
    if (height < least) wrong.push(`too low for a thumb (${Math.round(height)}): ` + e.outerHTML.slice(0, 120));
  }
  for (const e of document.querySelectorAll('img')) if (!e.hasAttribute('alt')) wrong.push('no description: ' + e.outerHTML.slice(0, 120));
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  ids.filter((id, n) => ids.indexOf(id) !== n).forEach(id => wrong.push('id twice: ' + id));
  if (document.querySelectorAll('h1').length !== 1) wrong.push('headings of the first level: ' + document.querySelectorAll('h1').length);
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth + 1) wrong.push(`wider than the screen: ${wide} > ${innerWidth}`);
  return wrong;
}"""


def sign_in(context: BrowserContext, address: str, user: User) -> None:
    """Give the browser the session of this person."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])


def has_script(page: Page) -> bool:
    return page.locator("html.has-script").count() == 1


def look(page: Page, name: str) -> None:
    """Nothing is wrong with the page; a picture of it when WANGGE_SHOTS names a folder."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    if has_script(page):
        assert page.evaluate(CHECKS, LEAST_TAP) == [], name
