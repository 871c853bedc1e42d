"""Why an upload is not taken: each reason once, in both languages. Pure.

413 too large · 415 not a kind that is taken · 422 damaged, or more than it claims to be.
"""

from __future__ import annotations

from wangge.kit.errors import DomainError
from wangge.kit.words import Text

KIND_NAMES = {
    "photo": Text("照片", "photo"),
    "audio": Text("录音", "sound recording"),
    "video": Text("视频", "video"),
    "document": Text("PDF 文件", "PDF document"),
}
TAKEN = Text(
    "可以上传:照片(JPEG、PNG、WebP)、录音(MP3、M4A、OGG、WAV、AMR、WebM)、视频(MP4、MOV、WebM)和 PDF。",
    "Taken are photos (JPEG, PNG, WebP), sound (MP3, M4A, OGG, WAV, AMR, WebM), video (MP4, MOV, WebM) and PDF.",
)


def empty() -> DomainError:
    return DomainError(
        422,
        "file_empty",
        "文件是空的(0 字节)。请重新选择或重新拍摄。",
        "The file is empty (0 bytes). Choose it again.",
    )


def too_large(kind: str, limit_bytes: int) -> DomainError:
    name, limit = KIND_NAMES[kind], limit_bytes >> 20
    return DomainError(
        413,
        "file_too_large",
        f"{name.zh}不能超过 {limit} MB。请缩短或压缩后再上传。",
        f"A {name.en} may have {limit} MB at most. Shorten or compress it and try again.",
        limit_bytes=limit_bytes,
    )


def unknown() -> DomainError:
    return DomainError(
        415, "file_kind", f"不支持这种文件。{TAKEN.zh}", f"This kind of file is not taken. {TAKEN.en}"
    )


def photo_format(name: str) -> DomainError:
    return DomainError(
        415,
        "photo_format",
        f"暂不支持 {name} 照片。请把相机格式改为“兼容性最佳”(JPEG),或在页面上直接拍照。",
        f"{name} photos cannot be opened here. Set the camera to “most compatible” (JPEG), or take the photo in the page.",
    )


def other_kind(wanted: str, found: str) -> DomainError:
    wanted_name, found_name = KIND_NAMES[wanted], KIND_NAMES[found]
    return DomainError(
        415,
        "file_other_kind",
        f"这里需要{wanted_name.zh},收到的是{found_name.zh}。请重新选择。",
        f"A {wanted_name.en} is wanted here, this is a {found_name.en}. Choose another file.",
    )


def broken() -> DomainError:
    return DomainError(
        422,
        "file_broken",
        "文件不完整或已损坏,可能是上传时中断了。请重新上传,仍不行就换一个文件。",
        "The file is cut short or damaged, perhaps the upload was interrupted. Send it again, or another one.",
    )


def has_more_inside() -> DomainError:
    return DomainError(
        422,
        "file_has_more_inside",
        "文件里夹带了别的内容(压缩包、网页或程序代码),不能接收。请上传原始文件。",
        "Something else is hidden in the file (an archive, a web page or a program), so it is not taken. Send the original.",
    )


def too_many_pixels(limit: int) -> DomainError:
    millions = limit // 1_000_000
    return DomainError(
        422,
        "photo_too_many_pixels",
        f"照片超过 {millions} 百万像素,不能打开。请缩小后再上传。",
        f"The photo has more than {millions} million pixels. Make it smaller and send it again.",
    )


def telling_track() -> DomainError:
    return DomainError(
        422,
        "file_tells_more",
        "录像里有记录位置、字幕等的附加轨道,系统无法去除。请在相机设置里关闭位置记录后重拍,或截取一段再上传。",
        "The recording has a further track (positions, subtitles) that cannot be taken out. Switch positions off in the "
        "camera and record again, or cut a piece out of it and send that.",
    )


def encrypted() -> DomainError:
    return DomainError(
        422,
        "file_encrypted",
        "PDF 加了密码或权限限制,无法检查。请打开后“打印为 PDF”,上传新生成的文件。",
        "The PDF is protected by a password or by permissions and cannot be checked. Open it, print it to a new PDF, send that.",
    )


def too_many_scans() -> DomainError:
    return DomainError(
        422,
        "photo_too_complex",
        "这张照片的编码方式异常,不能打开。请用手机重新拍摄,或另存为普通 JPEG 再上传。",
        "This photo is encoded in an unusual way and is not opened. Take it again, or save it as a plain JPEG.",
    )
