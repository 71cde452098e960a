# SPDX-License-Identifier: Apache-2.0
"""How a vehicle finds a charger's server, and whom a charger lets in: SDP and TCP without sockets.

The machines here know neither sockets nor clocks: they are told what happened and say what is to
be done. `vehicle` asks and connects, `charger` answers and admits.
"""
