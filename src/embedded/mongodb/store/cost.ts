/** What a command looked at. */
export interface Cost {
  docs: number;
  keys: number;
  /** The index last used; empty for a scan of the collection. */
  index: string;
}
