/** One open way to a control: a device of this computer, or a device server. */
export interface Port {
  /** Resolves when the bytes have left, as far as this end can know: a device has drained; the system has taken them. */
  write(bytes: Buffer): Promise<void>;
  /** Nothing more is sent or heard; what has not left yet is thrown away. */
  close(): Promise<void>;
}

export type PortEvents = {
  onBytes(bytes: Buffer): void;
  /** The line is gone, by itself: unplugged, closed at the other end. Heard once, never after `close`. */
  onGone(reason: string): void;
};
