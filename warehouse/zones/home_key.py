"""The key that belongs to a home: made with it, never made anew, and held against the fingerprint in its register.

A second key would seal what comes next so that nobody opens it beside what came before, and give every person another
pseudonym. Not here: what is derived from a key (`keyring`).
"""

from pathlib import Path

from warehouse.zones import sealed
from warehouse.zones.home import DamagedHome, Home
from warehouse.zones.keyring import Keyring
from warehouse.zones.register import Register

KEEPER = "who keeps the key"


def of_pipeline(home: Home, register: Register) -> Keyring:
    """The keyring of a home for who writes to it; its key file is made when nothing was ever sealed in it.

    Raises `DamagedHome` when the key is gone, cut or another home's.
    """
    sealed_file = some_sealed_file(home)
    fingerprint = register.key_fingerprint()
    if not home.key_file.exists() and not (fingerprint or sealed_file):
        keyring = Keyring.make(home.key_file)
    else:
        keyring = matching(home, fingerprint, sealed_file)
    if fingerprint != keyring.fingerprint:
        register.record_key(keyring.fingerprint)
    return keyring


def some_sealed_file(home: Home) -> Path | None:
    """An original that was sealed in this home, accepted or refused."""
    return next((path for zone in (home.archive, home.quarantine) for path in zone.rglob(f"*{sealed.SUFFIX}")), None)


def matching(home: Home, fingerprint: str | None, sealed_file: Path | None) -> Keyring:
    """The keyring of a key file that has this fingerprint or, where none was written down, opens this file.

    Raises `DamagedHome`.
    """
    path = home.key_file
    sealed_under = f"sealed under the key with fingerprint {fingerprint}" if fingerprint else "sealed under another key"
    try:
        keyring = Keyring.read(path)
    except FileNotFoundError:
        raise DamagedHome(
            f"The key file {path} is gone, and the deliveries of this home are {sealed_under}.",
            "put the key back from where it is kept; a new one would open nothing.",
            KEEPER,
        ) from None
    except ValueError as cut:
        raise DamagedHome(f"{path}: {cut}", "put the key back from where it is kept.", KEEPER) from None
    if keyring.fingerprint == fingerprint or (fingerprint is None and _opens(keyring, sealed_file)):
        return keyring
    raise DamagedHome(
        f"The key file {path}, with fingerprint {keyring.fingerprint}, is not this home's: its deliveries are "
        f"{sealed_under}.",
        "set CANTHO_KEY_FILE to the key of this home.",
        KEEPER,
    )


def _opens(keyring: Keyring, sealed_file: Path | None) -> bool:
    if sealed_file is None:
        return True
    try:
        sealed.unseal(sealed_file, keyring)
    except sealed.NotOpened:
        return False
    return True
