import { position } from '../filter/path.ts';

/** The order in which an update makes new fields: names by their characters, array positions by number. */
export function compareNames(left: string, right: string): number {
  if (left === right) return 0;
  const x = position(left);
  const y = position(right);
  if (x >= 0 && y >= 0) return x - y;
  return left < right ? -1 : 1;
}
