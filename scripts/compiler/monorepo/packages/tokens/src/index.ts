export * from './scales';

export const tones = ['calm', 'loud', 'urgent'] as const;
export type Tone = (typeof tones)[number];

export enum Density {
  Tight = 'tight',
  Roomy = 'roomy',
}

export const palette = { primary: { base: '#05f' }, accent: { base: '#f50' }, muted: { base: '#888' } } as const;
export type Palette = typeof palette;
export type Shade<P extends keyof Palette = keyof Palette> = `${P}-${1 | 2}`;
