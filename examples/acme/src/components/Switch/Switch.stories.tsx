import type { Meta, StoryFn } from '@storybook/react-vite';

import Switch from './Switch';

export default {
  title: 'Components/Forms/Switch',
  component: Switch,
  args: { label: 'Dark mode' },
} as Meta<typeof Switch>;

const Template: StoryFn<typeof Switch> = (args) => <Switch {...args} />;

export const Off = Template.bind({});
Off.args = { on: false };

export const On = Template.bind({});
On.args = { ...Off.args, on: true };

export const SmallOn = Template.bind({});
SmallOn.storyName = 'Small, on';
SmallOn.args = { ...On.args, size: 'small' };
