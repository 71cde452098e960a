# SPDX-License-Identifier: Apache-2.0
"""A message that no real modem has: the software QCA7005 tells the line what became of it."""

from plc_modem.homeplug.layer import Message, bind


class SIM_RESTARTED_IND(Message):  # noqa: N801 named as all messages are
    """The modem has restarted, and knows its key no more."""

    fields_desc = []  # noqa: RUF012 scapy's way


bind(SIM_RESTARTED_IND, 0xBFFE)  # vendor specific, unused
