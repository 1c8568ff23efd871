"""What can go wrong on the way to a sink.

DeliveryError
 +- AddressRefusedError    the sink's address is one that must not be asked
"""

from __future__ import annotations


class DeliveryError(Exception):
    """It is not known to have arrived. ``status``: the HTTP status of the answer, None without one; ``retry_after``:
    seconds asked for; ``final``: trying again is of no use."""

    def __init__(
        self, message: str, *, final: bool = False, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.final = final
        self.status = status
        self.retry_after = retry_after


class AddressRefusedError(DeliveryError):
    """The address leads into this machine or its network, and the settings do not allow that."""
