import preview from '#.storybook/preview';

import { Checkbox } from './Checkbox';

const meta = preview.meta({
  component: Checkbox,
  args: { label: 'Send me the newsletter' },
});

export const Unchecked = meta.story({});

export const Checked = meta.story({ args: { checked: true } });

export const Mixed = meta.story({ args: { checked: 'mixed' } });

export const Disabled = meta.story({ args: { disabled: true } });
