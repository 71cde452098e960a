# SPDX-License-Identifier: Apache-2.0
"""Network keys: the NID that belongs to an NMK, and frames fit to be shown (R22, R27)."""

import hashlib

from plc_modem.homeplug.frame import is_homeplug

NMK_LENGTH, NID_LENGTH = 16, 7
DEFAULT_NMK = bytes.fromhex('50D3E4933F855B7040784DF815AA8DB7')  # of the password "HomePlugAV"

# Where a frame of each MMTYPE holds an NID and an NMK, counted from its first octet.
_KEYS_IN: dict[int, tuple[int, int | None]] = {
    0x6008: (33, 41),  # CM_SET_KEY.REQ
    0x600C: (21, None),  # CM_GET_KEY.REQ
    0x600D: (29, 41),  # CM_GET_KEY.CNF
    0x607D: (85, 93),  # CM_SLAC_MATCH.CNF
}
_NETWORKS_IN = 0x6039  # CM_NW_INFO.CNF: their count, and an NID at the beginning of each
_NETWORKS_FROM, _NETWORK_LENGTH = 20, 18
# Octet from which on there may be a part of the PIB, which holds NMK and DAK, or keys themselves;
# older modems', and those of other tools at the same line, are read and written by the first two.
_PARAMETERS_FROM = {
    0xA020: 32,  # VS_WR_MOD.REQ
    0xA025: 36,  # VS_RD_MOD.CNF
    0xA039: 20,  # VS_NW_INFO.CNF of older modems
    0xA050: 20,  # VS_SET_KEY.REQ
    0xA0B0: 47,  # VS_MODULE_OPERATION.REQ
    0xA0B1: 47,  # and its CNF
}
_OF_AR7400_FROM = {0xA039: 26}  # the same of version 1


def nid_of(nmk: bytes) -> bytes:
    """Return the network identifier of a key, 7 octets, security level 0 (HomePlug AV 13.1.1)."""
    digest = nmk
    for _ in range(5):
        digest = hashlib.sha256(digest).digest()
    return digest[:6] + bytes([digest[6] >> 4])


def known_to_all(nmk: bytes) -> bool:
    """Tell whether a key is none: all zero, or the one every modem is sold with (abuse 13)."""
    return not any(nmk) or nmk == DEFAULT_NMK


def pseudonym(nmk: bytes) -> str:
    """Return a name for a key that tells nothing of it; the same key has the same one (R27)."""
    return _other(nmk)[:4].hex()


def without_keys(octets: bytes) -> bytes:
    """Return a frame in which NMK and NID are replaced, equal ones by equal ones."""
    if not is_homeplug(octets):
        return octets
    shown, mmtype = bytearray(octets), int.from_bytes(octets[15:17], 'little')
    if mmtype in _PARAMETERS_FROM:
        newer = _OF_AR7400_FROM if octets[14] else {}
        begin = newer.get(mmtype, _PARAMETERS_FROM[mmtype])
        return bytes(shown[:begin].ljust(len(octets), b'\0'))
    for start, length in _keys_in(octets):
        if any(secret := octets[start : start + length]):
            shown[start : start + length] = _other(secret)[: len(secret)]
    return bytes(shown)


def _keys_in(octets: bytes) -> list[tuple[int, int]]:
    """Return where each key of a frame begins and how long it is, an NMK before its NID."""
    mmtype = int.from_bytes(octets[15:17], 'little')
    if mmtype == _NETWORKS_IN:
        count = int.from_bytes(octets[_NETWORKS_FROM - 1 : _NETWORKS_FROM])
        return [(_NETWORKS_FROM + n * _NETWORK_LENGTH, NID_LENGTH) for n in range(count)]
    nid_at, nmk_at = _KEYS_IN.get(mmtype, (None, None))
    there = ((nmk_at, NMK_LENGTH), (nid_at, NID_LENGTH))
    return [(start, length) for start, length in there if start is not None]


def _other(secret: bytes) -> bytes:
    return hashlib.sha256(b'ros2_ccs pseudonym' + secret).digest()


class Pseudonyms:
    """Replaces keys wherever they stand by others that fit each other as the real ones do (R27).

    So a machine that is told the pseudonyms decides as it did. What is 16 octets long is taken
    for an NMK, 7 octets for an NID, a text for the name of a network if it is that of a key.
    """

    def __init__(self) -> None:
        self._nmks: dict[bytes, bytes] = {}
        self._nids: dict[bytes, bytes] = {}
        self._networks: dict[str, str] = {}

    def __call__(self, value: bytes | str) -> bytes | str:
        """Return what may be shown in place of a value."""
        if isinstance(value, str):
            return self._networks.get(value, value)
        if len(value) == NMK_LENGTH:
            return self._nmk(value)
        if len(value) == NID_LENGTH:
            return self._nid(value)
        return self._frame(value) if is_homeplug(value) else value

    def _nmk(self, nmk: bytes) -> bytes:
        if known_to_all(nmk):
            return nmk
        if nmk not in self._nmks:
            other = _other(nmk)[:NMK_LENGTH]
            self._nmks[nmk], self._nids[nid_of(nmk)] = other, nid_of(other)
            self._networks[pseudonym(nmk)] = pseudonym(other)
        return self._nmks[nmk]

    def _nid(self, nid: bytes) -> bytes:
        if not any(nid) or nid == nid_of(DEFAULT_NMK):
            return nid
        return self._nids.get(nid, _other(nid)[:NID_LENGTH])

    def _frame(self, octets: bytes) -> bytes:
        shown = bytearray(octets)
        for start, length in _keys_in(octets):  # behind an NMK, its NID is known
            if len(octets) >= start + length:
                other = self._nmk if length == NMK_LENGTH else self._nid
                shown[start : start + length] = other(octets[start : start + length])
        for nmk, other_nmk in self._nmks.items():
            shown = shown.replace(nmk, other_nmk)
        return bytes(shown)
