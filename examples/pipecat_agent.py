"""A Pipecat pipeline whose call is heard in Earshot.

    pip install pipecat-ai earshot-0.1.0-py3-none-any.whl
    python3 pipecat_agent.py

It plays a short call through a pipeline: in place of the two lists of frames stand your transport,
speech recognition, model and speech synthesis. By environment: EARSHOT_URL, EARSHOT_KEY.
"""

import asyncio
import os

from pipecat.frames.frames import (
    InputAudioRawFrame,
    InterruptionFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.filters.identity_filter import IdentityFilter
from pipecat.tests.utils import SleepFrame, run_test

from earshot import Earshot
from earshot.pipecat import EarshotObserver


async def main() -> None:
    earshot = Earshot(os.environ["EARSHOT_URL"], os.environ["EARSHOT_KEY"])
    observer = EarshotObserver(earshot, metadata={"agent": "pipecat"})
    frames = [
        InputAudioRawFrame(audio=b"\1\0" * 320, sample_rate=16000, num_channels=1),
        TranscriptionFrame(text="Hello", user_id="caller", timestamp=""),
        TTSAudioRawFrame(audio=b"\2\0" * 24000, sample_rate=24000, num_channels=1),
        TTSTextFrame("Good", "word"),
        TTSTextFrame("morning", "word"),
        SleepFrame(sleep=0.2),
        InterruptionFrame(),
        SleepFrame(sleep=0.2),
    ]
    # Yours: PipelineWorker(Pipeline([transport.input(), stt, llm, tts, transport.output()]),
    # observers=[observer])
    await run_test(Pipeline([IdentityFilter()]), frames_to_send=frames, observers=[observer])


asyncio.run(main())
