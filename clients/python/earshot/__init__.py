"""A client of an Earshot server: publishes calls and hears them, with asyncio.

    earshot = Earshot("http://127.0.0.1:8000", api_key)
    async with earshot.call(media={"live": True}) as call:
        print(call.player_url)
        call.bot.write(pcm)

    async for heard in earshot.listen("CA100", channels=2, start=-30):
        if isinstance(heard, Audio): ...
"""

from ._listen import Audio, End, Event, Gap, Heard, Reconnect, listen
from ._publish import Call, CallRefused, Track

__all__ = [
    "Audio",
    "Call",
    "CallRefused",
    "Earshot",
    "End",
    "Event",
    "Gap",
    "Heard",
    "Reconnect",
    "Track",
]

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Literal, Optional
from urllib.parse import quote


class Earshot:
    """One server, as one organisation. Nothing is connected before it is needed."""

    def __init__(self, url: str = "http://127.0.0.1:8000", api_key: str = "") -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"Cannot make client: url takes http or https, received {url}")
        self._url = "ws" + url.removeprefix("http").rstrip("/")
        self._key = api_key

    def call(
        self,
        id: Optional[str] = None,
        *,
        sample_rate: int = 8000,
        tracks: Optional[Mapping[str, Mapping[str, Any]]] = None,
        media: Optional[Mapping[str, Any]] = None,
        metadata: Optional[Mapping[str, str]] = None,
    ) -> Call:
        """A call to publish: `async with`, or `await call.start()` and `await call.end()`.

        Tracks are 16-bit PCM at the call's rate unless `tracks` gives `encoding` and `sampleRate`.
        """
        start: dict[str, Any] = {"sampleRate": sample_rate}
        for name, value in (("tracks", tracks), ("media", media), ("metadata", metadata)):
            if value is not None:
                start[name] = value
        return Call(f"{self._url}/ingest/pcm", self._key, id, start)

    def listen(
        self,
        id: str,
        *,
        channels: Literal[1, 2] = 1,
        track: Optional[Literal["user", "bot"]] = None,
        start: Optional[float] = None,
        silence: Optional[Literal["pcm"]] = None,
    ) -> AsyncGenerator[Heard, None]:
        """Hears a call until it ends; leave the loop or `aclose()` to leave earlier.

        `start` is in seconds, from now if negative: the wire's `from`, a keyword of Python.
        """
        query: dict[str, Any] = {"channels": channels, "track": track, "silence": silence}
        if track is not None:
            del query["channels"]
        return listen(f"{self._url}/live/{quote(id, safe='')}/ws", self._key, query, start)
