# SPDX-License-Identifier: Apache-2.0
"""QCA7005 and QCA7000 by SPI: registers, frames in bursts, and the host's side of the protocol."""
