"""Publishes a Pipecat pipeline's call: `PipelineWorker(pipeline, observers=[EarshotObserver(earshot)])`.

Needs the package pipecat-ai, which this one does not install.
"""

import asyncio
import logging
from typing import Any, Optional

from pipecat.frames.frames import (
    BotStoppedSpeakingFrame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    StartFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
)
from pipecat.observers.base_observer import BaseObserver, FramePushed

from . import Call, CallRefused, Earshot

_log = logging.getLogger("earshot")


class EarshotObserver(BaseObserver):
    """Publishes both sides, the interruptions and the transcript of one pipeline as one call.

    The user is what the transport takes in, the bot what speech synthesis makes: it comes faster
    than it is spoken, and an interruption discards what was not yet heard, as in the pipeline. The
    call begins and ends with the pipeline, and never disturbs it.
    """

    def __init__(
        self,
        earshot: Earshot,
        id: Optional[str] = None,
        *,
        media: Optional[dict[str, Any]] = None,
        metadata: Optional[dict[str, str]] = None,
    ) -> None:
        super().__init__(observe_every_push=False)
        self.call: Optional[Call] = None
        self._earshot = earshot
        self._id = id
        self._media = media or {"live": True, "recording": True}
        self._metadata = metadata
        self._rates = {"user": 16000, "bot": 24000}
        self._refused = False
        self._starting: Optional[asyncio.Task[None]] = None
        self._said = ""

    async def on_push_frame(self, data: FramePushed) -> None:
        frame = data.frame
        if not data.first_push or self._refused:
            return
        if isinstance(frame, StartFrame):
            self._rates = {
                "user": frame.audio_in_sample_rate,
                "bot": frame.audio_out_sample_rate,
            }
            self._begin()
        call = self.call
        if call is None:
            return
        if isinstance(frame, InputAudioRawFrame):
            self._audio("user", frame)
        elif isinstance(frame, TTSAudioRawFrame):
            self._audio("bot", frame)
        elif isinstance(frame, TranscriptionFrame):
            call.transcript("user", frame.text)
        elif isinstance(frame, TTSTextFrame):
            joint = "" if frame.includes_inter_frame_spaces or not self._said else " "
            self._said += joint + frame.text
        elif isinstance(frame, InterruptionFrame):
            call.clear()
            self._tell()
        elif isinstance(frame, (BotStoppedSpeakingFrame, LLMFullResponseEndFrame)):
            self._tell()

    async def cleanup(self) -> None:
        await super().cleanup()
        self._tell()
        if self._starting is not None:
            await self._starting
        if self.call is not None:
            await self.call.end()

    def _begin(self) -> None:
        """Connects beside the pipeline; what comes until it has is kept in the call."""
        self.call = self._earshot.call(
            self._id,
            media=self._media,
            metadata=self._metadata,
            tracks={
                side: {"encoding": "pcm_s16le", "sampleRate": rate}
                for side, rate in self._rates.items()
            },
        )
        self._starting = asyncio.create_task(self._start(self.call))

    async def _start(self, call: Call) -> None:
        try:
            await call.start()
            _log.info("listen at %s", call.player_url)
        except CallRefused as error:
            self.call = None
            self._refused = True
            _log.warning("%s", error)

    def _audio(self, side: str, frame: Any) -> None:
        """One channel at the announced rate; what differs is left out, told once a side."""
        if frame.sample_rate != self._rates[side] or frame.num_channels != 1:
            if self._rates[side] != 0:
                _log.warning(
                    "Cannot publish %s: takes %d Hz mono, received %d Hz with %d channels",
                    side,
                    self._rates[side],
                    frame.sample_rate,
                    frame.num_channels,
                )
                self._rates[side] = 0
            return
        track = self.call.user if side == "user" else self.call.bot
        track.write(frame.audio)

    def _tell(self) -> None:
        if self._said and self.call is not None:
            self.call.transcript("bot", self._said)
        self._said = ""
