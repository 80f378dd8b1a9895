import type { Meta, StoryObj } from '@storybook/react-vite';

import { TextField } from './TextField';

const meta: Meta<typeof TextField> = {
  title: 'Components/Forms/TextField',
  component: TextField,
  args: { label: 'Street', helpText: 'As on the letterbox' },
};

export default meta;

type Story = StoryObj<typeof TextField>;

export const Default: Story = {};

export const Large: Story = { args: { size: 'large' } };

export const Invalid: Story = { args: { invalid: true, helpText: 'This street is not in our list' } };
