# SPDX-License-Identifier: Apache-2.0
"""Ready-made vehicles for the contract of docs/integration.md."""
