# SPDX-License-Identifier: Apache-2.0
"""Time limits of SDP and TCP, in seconds, and how often things are tried."""

SDP_RESPONSE_WAIT = 0.25  # from one SDP request to the next (ISO 15118-2, 7.10.1)
SDP_REQUESTS = 50  # then the charger is taken as absent
TCP_CONNECT_WAIT = 1.0  # Supercharger V3 swallows the first SYN (lesson 35)
TCP_CONNECT_TRIES = 3  # each from a new port
TCP_CONNECT_PAUSE = 0.2  # before the next try where a port refused at once
INTERFACE_WAIT = 1.0  # before an interface that could not be used is tried again
ADDRESS_WAIT = 0.05  # between two looks for a link-local address that is still tentative
FIRST_MESSAGE_WAIT = 20.0  # V2G_SECC_CommunicationSetup_Timeout: a silent client goes
MAX_TRANSMIT_AGE = 1.0  # a message that waited longer is a played-back bag or a stuck queue (R6)
