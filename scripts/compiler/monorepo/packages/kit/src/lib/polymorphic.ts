import type { ComponentPropsWithoutRef, ElementType, ReactElement } from 'react';

export type As<E extends ElementType, P> = P & { as?: E } & Omit<ComponentPropsWithoutRef<E>, keyof P | 'as'>;
export interface Polymorphic<P, D extends ElementType> {
  <E extends ElementType = D>(props: As<E, P>): ReactElement | null;
  displayName?: string;
}
export type Without<T, K> = { [P in keyof T as P extends K ? never : P]: T[P] };
export type OneOf<T, U> = T extends U ? T : never;
