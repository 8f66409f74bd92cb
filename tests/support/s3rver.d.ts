import type { SignedRequest } from "./sigv4.ts";

/** The part of s3rver 3.7 that the tests use; the package has no types of its own. */
interface Koa {
  readonly method: string;
  readonly url: string;
  status: number;
  type: string;
  body: string;
  /** Set to false: the answer is somebody else's. */
  respond: boolean;
  readonly res: {
    writeHead(status: number, headers: Record<string, string>): void;
    end(body: string): void;
    destroy(): void;
    once(event: "close", listener: () => void): void;
  };
  readonly req: AsyncIterable<Uint8Array> & SignedRequest;
}

type Middleware = (context: Koa, next: () => Promise<void>) => Promise<void>;

interface Stored {
  readonly bucket: string;
  readonly key: string;
}

interface FilesystemStore {
  putObject(object: Stored): Promise<{ size: number }>;
  putPart(bucket: string, uploadId: string, part: string, content: unknown): Promise<
    { size: number }
  >;
  deleteObject(bucket: string, key: string): Promise<void>;
  getResourcePath(bucket: string, key: string | undefined, resource: string): string;
}

export type { Koa, Middleware, Stored };

export default class S3rver {
  constructor(options: {
    address: string;
    port: number;
    silent: boolean;
    directory: string;
    configureBuckets: readonly { name: string }[];
  });
  readonly middleware: Middleware[];
  readonly store: FilesystemStore;
  readonly httpServer: { closeAllConnections(): void };
  run(): Promise<{ port: number }>;
  close(): Promise<void>;
}
