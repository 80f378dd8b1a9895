import type { ReactNode } from 'react';
import type { BoxProps } from './Box';

type Side = 'start' | 'end';
type Aligned<T extends string> = { [K in T as `align${Capitalize<K>}`]?: Side | 'center' };

export function Row(props: Pick<BoxProps, 'padding'> & Aligned<'items' | 'self'> & { children?: ReactNode }) {
  return <div>{props.children}</div>;
}

export function Column({ gap = 'small', children }: { gap?: Exclude<NonNullable<BoxProps['padding']>, object>; children?: ReactNode }) {
  return <div data-gap={gap}>{children}</div>;
}
