"""Hashes of texts, the same in every process."""

from __future__ import annotations

import hashlib


def hashed(*texts: str, digits: int = 16) -> str:
    """Hexadecimal digits of the SHA-256 of the texts, a line each."""
    content = "\n".join(texts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()[:digits]
