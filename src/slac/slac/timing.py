# SPDX-License-Identifier: Apache-2.0
"""Timers and counters of SLAC by their names in ISO 15118-3, table A.1; seconds."""

TT_MATCH_RESPONSE = 0.2  # wait for an answer
TT_EVSE_MATCH_MNBC = 0.6  # how long the charger listens for M-Sounds, from the first START on
TT_EV_ATTEN_RESULTS = 1.2  # vehicle: from START to the last CM_ATTEN_CHAR.IND
TT_EVSE_MATCH_SESSION = 10.0  # charger: from CM_ATTEN_CHAR.RSP to CM_SLAC_MATCH.REQ
TT_MATCHING_RATE = 0.4  # pause before matching starts over
TT_EVSE_SLAC_INIT = 50.0  # charger: until the next CM_SLAC_PARM.REQ; 20 to 50
TP_EV_VALD_STATE_DURATION = 0.3  # of each B and each C while the pilot is toggled; 0.2 to 0.4
TP_EV_VALD_TOGGLE = 2.5  # vehicle: in which its toggles are done and counted; 0.6 to 3.5
TT_EVSE_VALD_TOGGLE = 3.5  # charger: counts no longer, whatever a vehicle asks for
TP_EV_BATCH_MSG_INTERVAL = 0.025  # between START_ATTEN_CHAR and between sounds; 0.02 to 0.05

C_EV_START_ATTEN_CHAR_INDS = 3  # copies of CM_START_ATTEN_CHAR.IND
C_EV_MATCH_MNBC = 10  # M-Sounds
C_EV_MATCH_RETRY = 2  # repeats of a request without answer
C_CONN_MAX_MATCH = 3  # matchings before giving up
C_VALD_NB_TOGGLES = 3  # B-C-B toggles of the pilot in a validation, at most

MATCH_RESPONSE_TYPE = 0x01  # RESP_TYPE: the host gets the answer
TIMEOUT_HUNDREDS_MS = 6  # the sounding window in 0.1 s; a Compleo takes no other (lesson 7)

# The standard's 0.4 s until START and 12 s until the AVLN stands are less than the field needs:
# cars start up to 0.215 s after the CNF of a charger that is late itself, and an Alpitronic's
# modem was back after 7 s, others' later (lessons 8, 15). So must the window for repetitions be.
TT_MATCH_SEQUENCE = {'field': 1.0, 'standard': 0.4}
TT_MATCH_JOIN = {'field': 15.0, 'standard': 12.0}
TT_MATCHING_REPETITION = {'field': 60.0, 'standard': 10.0}  # no matching begins later
# ISO 15118-2: from the AVLN to SDP, and from there to TCP; an Audi takes 20 s to both, asking
# for TLS first (lessons 16, 26).
V2G_SECC_COMMUNICATION_SETUP_TIMEOUT = {'field': 60.0, 'standard': 18.0}

# Not in the standard.
PARM_REPEAT = 1.0  # between later CM_SLAC_PARM.REQ; a charger answered the twentieth (lesson 58)
ASKED_AGAIN = 0.002  # between the CM_SLAC_PARM.REQs of one try: a charger may miss some
ASKING_WINDOW = 0.007  # for these, from the first on: START is not due earlier (lesson 8)
VALIDATION_LEAD = 0.1  # from the request to count until the first toggle: it must have come
CROWDED_PAUSE = 5.0  # at most, after another vehicle toggled its pilot as often at the same time
PILOT_TIMEOUT = 1.0  # after which a pilot that nobody tells of counts as lost
