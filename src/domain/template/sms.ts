import { SegmentedMessage } from 'sms-segments-calculator';

/** A longer text message costs as many as six and is refused (GOV.UK Notify draws the same line). */
export const mostSmsSegments = 6;

/** How a text message travels: 160 letters of GSM-7 or 70 of UCS-2, less in each of several. */
export interface SmsSize {
  readonly encoding: 'GSM-7' | 'UCS-2';
  readonly segments: number;
  /** As the reader counts them. */
  readonly characters: number;
}

export const smsSizeOf = (body: string): SmsSize => {
  const message = new SegmentedMessage(body);
  return {
    encoding: message.encodingName === 'GSM-7' ? 'GSM-7' : 'UCS-2',
    segments: message.segmentsCount,
    characters: message.graphemes.length,
  };
};
