import { memo } from 'react';
import type { Palette, SpaceValue } from '@mono/tokens';
import type { OneOf } from './lib/polymorphic';

type Style = Parameters<typeof paint>[0];
function paint(style: { color: keyof Palette; filled?: boolean }) {
  return style;
}
function chosen(): { shape: 'round' | 'square' } {
  return { shape: 'round' };
}

export interface TagProps extends Style {
  space?: OneOf<SpaceValue, 4 | 16>;
  shape?: ReturnType<typeof chosen>['shape'];
}

export const Tag = memo(function Tag({ color, filled = true, shape = 'round' }: TagProps) {
  return <span data-shape={shape}>{paint({ color, filled }).color}</span>;
});

export const Chip = ({ removable, ...tag }: Omit<TagProps, 'space'> & { removable?: true }) => <Tag {...tag} />;
