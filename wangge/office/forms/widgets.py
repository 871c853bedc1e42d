"""Inputs of the office's forms: everything works without JavaScript and keeps what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from wangge.kit.speech import said, spoken
from wangge.office.choices import Option

N_INPUTS = 3  # of a list of codes
OTHER = "_other"
KEPT = "_kept"


class Lookup(forms.TextInput):
    """One line with a list that is searched by typing; ``datalist`` is the id of the list on the page."""

    def __init__(self, datalist: str, placeholder: str = "") -> None:
        hint = placeholder or spoken("输入代码或名称查找", "type a code or a name")
        super().__init__({"list": datalist, "autocomplete": "off", "placeholder": hint})


class Lookups(forms.Widget):
    """Several lines of the same kind."""

    def __init__(self, datalist: str) -> None:
        super().__init__()
        self.one = Lookup(datalist)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        typed = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [line.strip() for line in typed if line.strip()]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        lines = [*(value or []), *[""] * N_INPUTS][: max(N_INPUTS, len(value or []) + 1)]
        shared = {"aria-label": spoken("可填多个", "several may be given"), **(attrs or {})}
        ids = [shared | {"id": f"{shared.get('id', name)}{f'_{n}' if n else ''}"} for n in range(len(lines))]
        drawn = [self.one.render(name, line, one, renderer) for line, one in zip(lines, ids, strict=True)]
        return format_html('<div class="lookups">{}</div>', mark_safe("".join(drawn)))  # noqa: S308


class Proposed(forms.Widget):
    """The best choices as radio buttons, each with its reason, and a line to look for any other."""

    use_fieldset = True

    def __init__(self, proposed: Sequence[Option], datalist: str, *, keys: bool = False) -> None:
        super().__init__()
        self.proposed = list(proposed)
        self.other = Lookup(datalist)
        self.has_keys = keys

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return str(data.get(name + OTHER, "")).strip() or str(data.get(name, "")).strip()

    def id_for_label(self, id_: str) -> str:
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        base = str((attrs or {}).get("id", name))
        chosen = str(value or "")
        code = chosen.split(maxsplit=1)[0] if chosen else ""
        is_listed = code in {option.code for option in self.proposed}
        rows = format_html_join(
            "", '<label class="proposed"><input type="radio" name="{}" id="{}_{}" value="{}"{}{}><span>{}{}<b>{}</b> '
            '<span class="muted">{}</span>{}</span></label>',
            (
                (name, base, n, option.code, mark_safe(" checked") if option.code == code else "",
                 format_html(' data-key="{}"', n + 1) if self.has_keys else "",
                 format_html("<kbd>{}</kbd> ", n + 1) if self.has_keys else "", "", said(option.name), option.code,
                 format_html('<span class="reason">{}</span>', said(option.reason)) if option.reason else "")
                for n, option in enumerate(self.proposed)
            ),
        )  # fmt: skip
        other = self.other.render(
            name + OTHER,
            "" if is_listed else chosen,
            {"id": f"{base}_other", "aria-label": spoken("其他", "Other")},
            renderer,
        )
        lead = (
            format_html('<span class="other-label">{}</span>', spoken("其他:", "Other:"))
            if self.proposed
            else ""
        )
        return format_html('<div class="proposals">{}<div class="other">{}{}</div></div>', rows, lead, other)


class Uploads(forms.FileInput):
    """Several files; those that arrived already are kept when the form comes back with a refusal."""

    allow_multiple_selected = True

    def __init__(self, accept: str = "") -> None:
        super().__init__({"multiple": True, **({"accept": accept} if accept else {})})
        self.arrived: list[str] = []  # keys of what was stored now

    def value_from_datadict(
        self, data: Any, files: MultiValueDict[str, UploadedFile[bytes]] | Mapping[str, Any], name: str
    ) -> dict[str, list[Any]]:
        new = files.getlist(name) if isinstance(files, MultiValueDict) else []
        kept = data.getlist(name + KEPT) if hasattr(data, "getlist") else []
        return {"new": list(new), "kept": list(kept)}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        kept = self.arrived or (value.get("kept", []) if isinstance(value, dict) else [])
        hidden = format_html_join(
            "", '<input type="hidden" name="{}" value="{}">', ((name + KEPT, key) for key in kept)
        )
        note = ""
        if kept:
            note = format_html(
                '<p class="help">{}</p>',
                spoken(
                    f"已上传 {len(kept)} 个,不必再选。",
                    f"{len(kept)} uploaded already; no need to choose again.",
                ),
            )
        return format_html("{}{}{}", super().render(name, None, attrs, renderer), hidden, note)
