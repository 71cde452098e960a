# SPDX-License-Identifier: Apache-2.0
"""The parameters of a modem: what is read from them, what a role changes, and what is refused."""

import struct

from hypothesis import given, settings, strategies as st
import pytest

from plc_modem.pib import NMK_AT, Parameters, Role, UncertainLayout, chain, checksum

MAC = '02:00:00:00:00:aa'
FIRMWARE = 'MAC-QCA7420-1.4.0.20-00-20171027-CS'
LENGTH = 16320


def pib(**changes):
    octets = bytearray(LENGTH)
    octets[4:6] = LENGTH.to_bytes(2, 'little')
    octets[12:18] = bytes.fromhex(MAC.replace(':', ''))
    octets[NMK_AT : NMK_AT + 16] = bytes(range(16))
    for place, octet in changes.items():
        octets[int(place[1:], 16)] = octet
    return bytes(octets)


def file(**changes):
    return chain((0x0E, bytes(64)), (0x0F, pib(**changes)))


def test_a_checksum_is_the_complement_of_all_words_xored():
    assert checksum(b'') == 0xFFFFFFFF
    assert checksum(struct.pack('<II', 0x12345678, 0x11111111)) == 0x12345678 ^ 0x11111111 ^ (
        0xFFFFFFFF
    )


@given(st.binary(max_size=70))
def test_a_checksum_in_a_block_makes_the_blocks_checksum_nothing(octets):
    words = octets[: len(octets) // 4 * 4]
    assert checksum(words + checksum(words).to_bytes(4, 'little')) == 0


@pytest.mark.parametrize(
    ('coordinator', 'slac', 'role'),
    [(0, 0, Role.NONE), (1, 1, Role.PEV), (2, 2, Role.EVSE), (2, 1, Role.MIXED)],
)
def test_the_role_stands_in_two_places(coordinator, slac, role):
    parameters = Parameters(file(xF4=coordinator, x1653=slac))
    assert parameters.role is role
    assert parameters.mac == MAC


@pytest.mark.parametrize(('role', 'number'), [(Role.PEV, 1), (Role.EVSE, 2)])
def test_a_role_changes_four_places_their_checksums_and_nothing_else(role, number):
    before = Parameters(file())
    after = before.of_role(role)
    changed = {at for at in range(LENGTH) if before.pib[at] != after.pib[at]}
    speeds = {at for at in range(0x1C98, 0x1CA0) if after.pib[at]}
    assert changed == {*range(0x74, 0x74 + len(role.name)), 0xF4, 0x1653, *speeds}
    assert after.pib[0x74:0xB4] == role.name.encode().ljust(64, b'\0')
    assert (after.pib[0xF4], after.pib[0x1653]) == (number, number)
    assert struct.unpack_from('<II', after.pib, 0x1C98) == (10240, 102400)
    assert len(after.octets) == len(before.octets)
    assert Parameters(after.octets).role is role  # the checksums fit


def test_one_octet_that_is_wrong_anywhere_is_noticed():
    octets = bytearray(file())
    for at in range(0, len(octets), 7):
        octets[at] ^= 0x40
        with pytest.raises(UncertainLayout):
            Parameters(bytes(octets))
        octets[at] ^= 0x40
    assert Parameters(bytes(octets)).role is Role.NONE


@pytest.mark.parametrize(
    ('octets', 'why'),
    [
        (b'', 'ends before'),
        (pib(), 'no header'),  # the flat file of an older chip
        (chain((0x0E, bytes(64))), '0 PIBs'),
        (chain((0x0F, pib()), (0x0F, pib())), '2 PIBs'),
        (chain((0x0F, pib()[:0x1000])), 'octets in an image'),
        (file(xF4=7), 'no role'),
        (file(x1653=3), 'no role'),
        (file(x74=0x80), 'no name'),
        (file(x80=0x41), 'no name'),
    ],
)
def test_what_is_not_beyond_doubt_a_pib_is_refused_with_what_does_not_fit(octets, why):
    with pytest.raises(UncertainLayout, match=why):
        Parameters(octets)


def test_only_its_own_modem_of_a_known_family_gets_it():
    parameters = Parameters(file())
    parameters.belongs_to(MAC, FIRMWARE)
    parameters.belongs_to(MAC, 'MAC-QCA7005-1.1.0.730-04-20140815-CS')
    with pytest.raises(UncertainLayout, match=r'INT6400.* is none of QCA7420'):
        parameters.belongs_to(MAC, 'INT6400-MAC-4-4-4405')
    with pytest.raises(UncertainLayout, match='no firmware is none of'):
        parameters.belongs_to(MAC, '')
    with pytest.raises(UncertainLayout, match=f'address {MAC}, the modem has 02:00'):
        parameters.belongs_to('02:00:00:00:00:bb', FIRMWARE)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.binary(max_size=300).map(lambda tail: file()[:200] + tail))
def test_any_octets_are_parameters_or_refused(octets):
    try:
        assert Parameters(octets).role in Role
    except UncertainLayout as error:
        assert str(error)
