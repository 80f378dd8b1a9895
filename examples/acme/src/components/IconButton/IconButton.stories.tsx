import preview from '#.storybook/preview';

import { IconButton } from './IconButton';

const meta = preview.meta({
  title: 'Components/IconButton',
  component: IconButton,
  args: { icon: '✎', 'aria-label': 'Rename' },
});

export const Primary = meta.story();

export const Ghost = meta.story({ args: { variant: 'ghost' } });
