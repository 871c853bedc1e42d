"""Stored files: content by hash under the data folder, one row each."""

from __future__ import annotations

from django.db import models


class FileKind(models.TextChoices):
    PHOTO = "photo", "照片 Photo"
    AUDIO = "audio", "录音 Audio"
    VIDEO = "video", "视频 Video"
    DOCUMENT = "document", "文件 Document"


class StoredFile(models.Model):
    """A checked, stored upload. ``sha256`` is of the stored (re-encoded) content; the path follows from it."""

    key = models.UUIDField(unique=True)
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=20, choices=FileKind)
    mime = models.CharField(max_length=80)
    n_bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    uploaded_by = models.CharField(max_length=80)  # user:12, visit:…: who may attach it
    uploaded_at = models.DateTimeField()
    attached_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["sha256"], name="file_sha256"),
            models.Index(fields=["uploaded_at"], name="file_waiting", condition=models.Q(attached_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
