"""The secret, and everything derived from it: pseudonyms and the identity that opens archive and vault.

The secret is 32 random bytes in a file only its owner reads. Losing it loses the archive and every way back to a name.
Not here: what is pseudonymised (`identity`) or encrypted (`sealed`).
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

import bech32
from pyrage import x25519

KEY_BYTES = 32
# Half of a SHA-256: a city of people collides with probability below 1e-24.
PSEUDONYM_HEX = 32


class Keyring:
    """Keys derived from one secret, each for one use."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < KEY_BYTES:
            raise ValueError(f"The key file holds {len(secret)} bytes; it needs {KEY_BYTES}.")
        self._secret = secret

    @classmethod
    def read(cls, path: Path) -> "Keyring":
        """The keyring of a key file. Raises `FileNotFoundError`, `ValueError` when it is cut."""
        return cls(path.read_bytes())

    @classmethod
    def make(cls, path: Path) -> "Keyring":
        """A new key file, readable by its owner alone, and its keyring. Raises `FileExistsError`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        return cls.read(path)

    @property
    def fingerprint(self) -> str:
        """Names the key without telling anything of it: what a home was sealed under, and what it is opened with."""
        return self._derive("fingerprint").hex()[:16]

    def _derive(self, use: str) -> bytes:
        return hmac.digest(self._secret, f"cantho-warehouse/{use}".encode(), "sha256")

    def pseudonyms(self, use: str) -> Callable[[Iterable[str]], list[str]]:
        """HMAC-SHA256 of many texts under the key of one use, in hex, cut to 32 digits.

        The two padded states of HMAC are computed once and copied: four times the speed of `hmac.digest` per text.
        """
        key = self._derive(use).ljust(64, b"\0")
        inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in key)) for pad in (0x36, 0x5C))

        def many(texts: Iterable[str]) -> list[str]:
            pseudonyms = []
            for text in texts:
                first, second = inner.copy(), outer.copy()
                first.update(text.encode())
                second.update(first.digest())
                pseudonyms.append(second.hexdigest()[:PSEUDONYM_HEX])
            return pseudonyms

        return many

    def identity(self) -> x25519.Identity:
        """The age identity that archive, vault and refused files are encrypted to."""
        words = bech32.convertbits(self._derive("age"), 8, 5) or []
        return x25519.Identity.from_str(bech32.bech32_encode("age-secret-key-", words).upper())
