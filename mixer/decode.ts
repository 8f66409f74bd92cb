/** How one side's audio is encoded on the wire. */
export type Encoding = "pcm_s16le" | "mulaw" | "alaw";
export interface TrackFormat {
  encoding: Encoding;
  sampleRate: number;
}
