/** What an AudioWorkletGlobalScope offers and the compiler's DOM library leaves out. */
declare const currentTime: number;
declare const currentFrame: number;
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions?: { tap?: boolean } }) => AudioWorkletProcessor,
): void;
