"""Who may send from the desk: a token for each department, of which the home keeps a hash. Without any, nobody may."""

import hashlib
import hmac
import json
import secrets
from pathlib import Path

from warehouse.zones.files import write_atomically
from warehouse.zones.home import Home


def issue(home: Home, department: str) -> str:
    """A new token of a department, in place of the one before; it is shown once and kept nowhere."""
    token = secrets.token_urlsafe(24)
    write_atomically(_file(home), json.dumps(_hashes(home) | {department: _hash(token)}).encode())
    return token


def department(home: Home, token: str) -> str | None:
    """The department whose token this is; None of another text."""
    asked = _hash(token)
    return next((name for name, token_hash in _hashes(home).items() if hmac.compare_digest(token_hash, asked)), None)


def _file(home: Home) -> Path:
    return home.root / "desk_tokens.json"


def _hashes(home: Home) -> dict[str, str]:
    return json.loads(_file(home).read_text()) if _file(home).exists() else {}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
