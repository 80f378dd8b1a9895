import type { Meta, StoryObj } from '@storybook/react-vite';

import { Card } from '@/components/Card';

const meta = {
  title: 'Components/Card',
  component: Card,
  subcomponents: { CardHeader: Card.Header, CardFooter: Card.Footer },
} satisfies Meta<typeof Card>;

export default meta;

type Story = StoryObj<typeof meta>;

export const Flat: Story = {
  render: (args) => (
    <Card {...args}>
      <Card.Header title="Invoice 1042" />
      <Card.Footer align="between">
        <span>Due in 3 days</span>
        <a href="#pay">Pay</a>
      </Card.Footer>
    </Card>
  ),
};

export const Raised: Story = {
  ...Flat,
  args: { elevation: 'raised' },
};

export const Interactive: Story = {
  ...Flat,
  args: { interactive: true },
};
