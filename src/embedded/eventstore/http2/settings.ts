/** What the peer asks for by SETTINGS (RFC 9113, section 6.5). */
import {
  ConnectionError,
  DEFAULT_FRAME_SIZE,
  DEFAULT_WINDOW,
  MAX_FRAME_SIZE,
  MAX_WINDOW,
  Reason,
  Setting,
} from './frames.ts';

export interface PeerSettings {
  /** What each of its new streams takes at first, in bytes. */
  initialWindow: number;
  maxFrameSize: number;
  /** The size of its header table was set, which the next header block has to answer. */
  tableChanged: boolean;
}

export const createPeerSettings = (): PeerSettings => ({
  initialWindow: DEFAULT_WINDOW,
  maxFrameSize: DEFAULT_FRAME_SIZE,
  tableChanged: false,
});

/** Applies the payload of a SETTINGS frame. Throws ConnectionError for values out of range. */
export function applySettings(settings: PeerSettings, payload: Buffer): void {
  if (payload.length % 6 !== 0) {
    throw new ConnectionError(Reason.frameSize, 'A SETTINGS frame ends within a setting.');
  }
  for (let at = 0; at < payload.length; at += 6) {
    const value = payload.readUInt32BE(at + 2);
    switch (payload.readUInt16BE(at)) {
      case Setting.headerTableSize:
        settings.tableChanged = true;
        break;
      case Setting.enablePush:
        if (value > 1) throw new ConnectionError(Reason.protocol, 'ENABLE_PUSH is 0 or 1.');
        break;
      case Setting.initialWindowSize:
        if (value > MAX_WINDOW) {
          throw new ConnectionError(Reason.flowControl, 'INITIAL_WINDOW_SIZE is too large.');
        }
        settings.initialWindow = value;
        break;
      case Setting.maxFrameSize:
        if (value < DEFAULT_FRAME_SIZE || value > MAX_FRAME_SIZE) {
          throw new ConnectionError(Reason.protocol, 'MAX_FRAME_SIZE is out of range.');
        }
        settings.maxFrameSize = value;
        break;
      default:
      // Others don't concern an answering side, or aren't known here.
    }
  }
}
