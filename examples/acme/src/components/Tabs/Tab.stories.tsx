import preview from '#.storybook/preview';

import { Tab } from './Tabs';

const meta = preview.meta({
  title: 'Components/Navigation/Tab',
  component: Tab,
  args: { label: 'Inbox' },
});

export const Plain = meta.story();

export const Selected = meta.story({ args: { selected: true } });

export const Counting = meta.story({ args: { count: 12 } });
