import type { Meta, StoryObj } from '@storybook/react-vite';
import { fn } from 'storybook/test';

import { Tabs } from './Tabs';

const meta = {
  title: 'Components/Navigation/Tabs',
  component: Tabs,
  args: {
    items: ['Inbox', 'Sent', 'Drafts'],
    selected: 'Inbox',
    labelOf: (item) => item,
    onSelect: fn(),
  },
} satisfies Meta<typeof Tabs<string>>;

export default meta;

type Story = StoryObj<typeof meta>;

export const Line: Story = {};

export const Pill: Story = { args: { appearance: 'pill' } };

export const VerticalPill: Story = { args: { ...Pill.args, orientation: 'vertical' } };
