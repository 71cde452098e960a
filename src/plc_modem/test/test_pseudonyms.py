# SPDX-License-Identifier: Apache-2.0
"""Keys that were replaced fit each other as the real ones do, and tell nothing of them (R27)."""

from hypothesis import given, strategies as st

from plc_modem.homeplug.frame import Mme, dissect
from plc_modem.homeplug.keys import DEFAULT_NMK, Pseudonyms, nid_of, pseudonym
from plc_modem.homeplug.matching import CM_SLAC_MATCH_CNF, MatchCnfField

NMKS = st.binary(min_size=16, max_size=16).filter(any)


def confirmation(nmk, nid):
    field = MatchCnfField(NetworkID=nid, NMK=nmk)
    message = CM_SLAC_MATCH_CNF(MatchVariableFieldLen=0x56, VariableField=field)
    return bytes(Mme('02:00:00:00:00:01', '02:00:00:00:00:02', message))


@given(nmk=NMKS)
def test_nid_and_name_of_a_network_belong_to_the_pseudonym_of_its_key(nmk):
    hide = Pseudonyms()
    other = hide(nmk)
    assert other != nmk and len(other) == 16
    assert hide(nid_of(nmk)) == nid_of(other)
    assert hide(pseudonym(nmk)) == pseudonym(other)
    assert hide(nmk) == other


@given(nmk=NMKS)
def test_a_frame_with_a_key_has_the_same_pseudonyms(nmk):
    hide = Pseudonyms()
    shown = dissect(hide(confirmation(nmk, nid_of(nmk)))).message.VariableField
    assert (hide(nmk), nid_of(hide(nmk))) == (shown.NMK, shown.NetworkID)
    assert nmk not in hide(confirmation(nmk, nid_of(nmk)))


@given(nmk=NMKS, nid=st.binary(min_size=7, max_size=7).filter(any))
def test_a_nid_that_a_charger_made_up_is_replaced_too(nmk, nid):
    shown = dissect(Pseudonyms()(confirmation(nmk, nid))).message.VariableField
    assert nid != shown.NetworkID


def test_what_is_no_secret_stays_as_it_is():
    hide = Pseudonyms()
    for value in (bytes(16), bytes(7), DEFAULT_NMK, nid_of(DEFAULT_NMK), b'short', 'a text'):
        assert hide(value) == value
