import type { Meta, StoryObj } from '@storybook/react-vite';

import { Alert } from './Alert';

const meta = {
  title: 'Components/Feedback/Alert',
  component: Alert,
  args: { title: 'Your changes are saved' },
  parameters: {
    design: {
      type: 'figma',
      url: 'https://www.figma.com/design/Qm4tYv81cLs0eXw7ZpRk2B/Acme-UI-Kit?node-id=60-1&m=dev',
    },
  },
} satisfies Meta<typeof Alert>;

export default meta;

type Story = StoryObj<typeof meta>;

export const Info: Story = {};

export const Success: Story = { args: { status: 'success' } };

export const Warning: Story = {
  args: { status: 'warning', title: 'You are offline', children: 'We try again every 10 seconds.' },
};

export const Dismissible: Story = { args: { dismissible: true } };
