export const space = { none: 0, small: 4, large: 16 } as const;
export type Space = keyof typeof space;
export type SpaceValue = (typeof space)[Space];
export type Responsive<T> = T | { [B in 'narrow' | 'wide']?: T };
