import type { ReactNode } from 'react';

interface Item {
  id: string;
}
export interface ListProps<T extends Item, M extends 'none' | 'single' | 'many' = 'none'> {
  items: readonly T[];
  mode?: M;
  density?: 'tight' | (string & {});
  render(item: T): ReactNode;
}

export function List<T extends Item, M extends 'none' | 'single' | 'many' = 'none'>({ items, render }: ListProps<T, M>) {
  return <ul>{items.map(render)}</ul>;
}
