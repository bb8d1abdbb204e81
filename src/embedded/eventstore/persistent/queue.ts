/** A first-in-first-out queue that stays fast however long it lives. */
export interface Queue<Item> {
  readonly size: () => number;
  push(item: Item): void;
  /** Puts items before all others, keeping their order. */
  putFirst(items: readonly Item[]): void;
  peek(): Item | undefined;
  shift(): Item | undefined;
  /** Offers every item in order, and removes those that were taken. */
  takeIf(taken: (item: Item) => boolean): void;
}

export function createQueue<Item>(): Queue<Item> {
  let items: Item[] = [];
  let first = 0;
  return {
    size: () => items.length - first,
    push: (item) => items.push(item),
    putFirst(added) {
      items = [...added, ...items.slice(first)];
      first = 0;
    },
    peek: () => items[first],
    shift() {
      const item = items[first];
      if (first < items.length) first += 1;
      if (first > 1024 && first * 2 > items.length) {
        items = items.slice(first);
        first = 0;
      }
      return item;
    },
    takeIf(taken) {
      items = items.slice(first).filter((item) => !taken(item));
      first = 0;
    },
  };
}
