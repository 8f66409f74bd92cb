import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Optional, Union
from urllib.parse import urlencode

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

_RETRY_SECONDS = (0.1, 0.5, 1, 2, 4, 5)


@dataclass(frozen=True)
class Audio:
    """50 ms of sound: 16-bit little-endian, interleaved. `position` in samples since the call began."""

    position: int
    pcm: bytes
    sample_rate: int
    channels: int


@dataclass(frozen=True)
class Gap:
    """Nothing was sent for so many samples: silence, or frames that were dropped."""

    position: int
    samples: int


@dataclass(frozen=True)
class Event:
    """Such as barge-in, paused, resumed, or an agent's event by its own name."""

    name: str
    position: int
    data: Any


@dataclass(frozen=True)
class Reconnect:
    """The connection was lost with this close code; another is being made."""

    code: int
    attempt: int


@dataclass(frozen=True)
class End:
    """The last value. Code 1000: the call has ended."""

    code: int
    reason: str


Heard = Union[Audio, Gap, Event, Reconnect, End]


async def listen(
    url: str, key: str, query: dict[str, Any], start: Optional[float]
) -> AsyncGenerator[Heard, None]:
    query = {name: value for name, value in {**query, "events": 1}.items() if value is not None}
    rate, channels = 8000, 1
    position: Optional[int] = None  # where the next frame begins, as the server tells it
    heard_to: Optional[int] = None
    failures = 0
    while True:
        begin = start if heard_to is None else heard_to / rate
        here = query if begin is None else {**query, "from": begin}
        code, reason, ended = 1006, "", False
        try:
            async with connect(
                f"{url}?{urlencode(here)}", additional_headers={"Authorization": f"Bearer {key}"}
            ) as socket:
                try:
                    async for data in socket:
                        if isinstance(data, str):
                            message = json.loads(data)
                            kind = message["type"]
                            if kind == "metadata":
                                rate, channels = message["sampleRate"], message["channels"]
                            elif kind == "position":
                                position = message["position"]
                            elif kind != "dropped":  # those are a gap before the next frame
                                name = message["name"] if kind == "event" else kind
                                yield Event(name, message["position"], message.get("data"))
                        elif len(data) == 0:
                            ended = True
                        elif len(data) > 2:  # two bytes are a sign of life
                            at = position or 0
                            if heard_to is not None and at > heard_to:
                                yield Gap(heard_to, at - heard_to)
                            failures = 0
                            position = heard_to = at + len(data) // 2 // channels
                            yield Audio(at, data, rate, channels)
                except ConnectionClosed:
                    pass
                code, reason = socket.close_code or 1006, socket.close_reason or ""
        except InvalidStatus as error:
            code, reason = 1006, f"HTTP {error.response.status_code}"
            failures = len(_RETRY_SECONDS)
        except (OSError, TimeoutError) as error:
            reason = str(error)
            if heard_to is None:
                failures = len(_RETRY_SECONDS)
        if ended or code == 1000 or failures >= len(_RETRY_SECONDS):
            yield End(1000 if ended else code, reason)
            return
        yield Reconnect(code, failures + 1)
        await asyncio.sleep(_RETRY_SECONDS[failures])
        failures += 1
