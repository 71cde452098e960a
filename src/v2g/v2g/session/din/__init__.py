# SPDX-License-Identifier: Apache-2.0
"""DIN SPEC 70121 as a dialect of the session."""

NAME = 'din'
NAMESPACE = 'urn:din:70121:2012:MsgDef'  # in supportedAppProtocol
