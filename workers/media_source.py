"""What a user may name as a source, and how FFmpeg is told to treat it.

A file that claims to be a video may be a playlist that names other files or hosts: so a file may
open nothing but itself, and a URL nothing but the network.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

from models.errors import InputError

_URL = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")
_SCHEMES = ("http", "https", "rtmp", "rtmps", "rtsp", "rtsps", "hls+http", "hls+https")
_FILE_FORMATS = (
    "mov,mp4,matroska,webm,flv,live_flv,mpegts,wav,w64,flac,mp3,ogg,aac,avi,mpeg,aiff,asf"
)


def locate(source: str) -> str:
    """Return what the decoder opens for a user's file path or URL.

    Raises:
        InputError: No such file, an empty one, a folder, or a scheme that is not read.
    """
    if source.startswith("file://"):
        source = urlsplit(source).path
    scheme = _URL.match(source)
    if scheme is not None:
        if scheme[1].lower() not in _SCHEMES:
            known = ", ".join(_SCHEMES[:6])
            message = f"{shown(source)}: scheme {scheme[1]} is not read; use a file or {known}"
            raise InputError(message)
        return source.removeprefix("hls+")
    path = Path(source)
    if not path.exists():
        message = f"{source}: no such file"
        raise InputError(message)
    if path.is_dir():
        message = f"{source}: is a folder, not a media file"
        raise InputError(message)
    if path.is_file() and path.stat().st_size == 0:
        message = f"{source}: is empty (0 bytes)"
        raise InputError(message)
    # The prefix keeps a colon in a file's name from being read as a protocol.
    return f"file:{path.resolve()}"


def shown(source: str) -> str:
    """Return a source as it may be printed: without user, password and query."""
    if _URL.match(source) is None:
        return source
    parts = urlsplit(source)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


def av_options(located: str) -> dict[str, str]:
    """Return FFmpeg's options for what `locate` returned."""
    if located.startswith("file:"):
        return {"protocol_whitelist": "file", "format_whitelist": _FILE_FORMATS}
    if located.startswith("http"):
        return {
            "protocol_whitelist": "http,https,tls,tcp,crypto,data,httpproxy",
            "reconnect": "1",
            "reconnect_delay_max": "8",
        }
    if located.startswith("rtsp"):
        # Over UDP lost packets tear pictures; every server speaks TCP too.
        return {"protocol_whitelist": "rtsp,rtsps,rtp,tcp,tls,udp", "rtsp_transport": "tcp"}
    return {"protocol_whitelist": "rtmp,rtmps,rtmpt,tcp,tls,http,https"}
