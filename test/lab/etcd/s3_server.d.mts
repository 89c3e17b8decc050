export interface S3Server {
  url: string;
  bucket: string;
  accessKey: string;
  secretKey: string;
  /** The directory in which the bucket's objects are. */
  folder: string;
  stop(): Promise<void>;
}

/** A real S3 server (s3rver) over HTTPS on an address of a lab's bridge; it checks the signature of every request. */
export function startS3(folder: string, address: string): Promise<S3Server>;
