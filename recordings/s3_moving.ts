import { RECORDING_BLOCK_BYTES, type StoredRecording } from "./store.ts";

/**
 * A recording that is in the spool and on its way to S3: read from the spool as long as it is there.
 *
 * @param hasMoved whether the spool lets go of it, so that an error of the spool means nothing
 */
export function movingRecording(
  local: StoredRecording,
  remote: StoredRecording,
  hasMoved: () => boolean,
): StoredRecording {
  return {
    info: local.info,
    read(startByte, endByte) {
      const end = Math.min(endByte ?? Infinity, local.info.samples * RECORDING_BLOCK_BYTES);
      // Refuses wrong bounds at once.
      let reader = local.read(startByte, endByte).getReader();
      const next = async () => {
        try {
          return await reader.read();
        } catch (error) {
          if (!hasMoved()) throw error;
          reader = remote.read(startByte, end).getReader();
          return await reader.read();
        }
      };
      let hasBegun = false;
      return new ReadableStream({
        async pull(controller) {
          const { done, value } = await (hasBegun ? reader.read() : next());
          hasBegun = true;
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => reader.cancel(),
      }, { highWaterMark: 0 });
    },
    async peaks(startPixel, endPixel) {
      try {
        return await local.peaks(startPixel, endPixel);
      } catch (error) {
        if (!hasMoved()) throw error;
        return await remote.peaks(startPixel, endPixel);
      }
    },
  };
}
