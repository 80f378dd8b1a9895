import preview from '#.storybook/preview';

import { Avatar, avatarSizes } from './Avatar';

const meta = preview.meta({
  title: 'Components/Avatar',
  component: Avatar,
  args: { name: 'Ada Lovelace' },
  argTypes: { size: { options: avatarSizes } },
});

export const Initials = meta.story();

export const Small = meta.story({
  args: { size: 'small' },
});

export const SmallSquare = Small.extend({
  args: { shape: 'square' },
});

export const Picture = meta.story({
  args: { picture: '🦊', size: 'large' },
});
