"""The body of a request is taken while it keeps within its size and comes in at a pace."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

FIRST_SECONDS = 30.0
BYTES_PER_SECOND = 1000.0
"""A body may take ``FIRST_SECONDS`` and a second more for each so many bytes of it, as Apache's mod_reqtimeout has it:
a byte now and then holds no connection for long."""
_CLOSED = {"Connection": "close"}  # the rest of such a body is not waited for


def bounded(receive: Receive, limit: int) -> Receive:
    """``receive`` that refuses a body beyond ``limit`` bytes (413), or one that stalls (408), while it comes in."""
    received, more = 0, True
    begun: float | None = None

    async def next_message() -> Message:
        nonlocal received, more, begun
        if not more:  # what is waited for then is the end of the connection
            return await receive()
        begun = begun or asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(begun + FIRST_SECONDS + received / BYTES_PER_SECOND):
                message = await receive()
        except TimeoutError:
            sentence = "the request came in too slowly and was given up; send it again over a better connection"
            raise HTTPException(408, sentence, _CLOSED) from None
        received += len(message.get("body", b""))
        more = bool(message.get("more_body", False))
        if received > limit:
            sentence = f"the request exceeds the limit of {limit:,} bytes; send a smaller file"
            raise HTTPException(413, sentence, _CLOSED)
        return message

    return next_message
