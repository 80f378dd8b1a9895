import { expect, within } from 'storybook/test';

import preview from '../../../.storybook/preview';
import { Badge } from './Badge';

const meta = preview.meta({ title: 'Components/Broken', component: Badge });

export const Plays = meta.story({
  args: { children: 'New' },
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).getByText('New')).toBeVisible();
  },
});

export const FailsPlay = meta.story({
  args: { children: 'New' },
  play: async ({ canvasElement }) => {
    await expect(within(canvasElement).getByText('New')).toHaveTextContent('Old');
  },
});

function thrower(): never {
  throw new TypeError('nothing to render');
}

export const Throws = meta.story({ render: () => <p>{thrower()}</p> });

export const Logs = meta.story({
  render: () => {
    console.error('%s is deprecated', 'Badge');
    return <p>Badge</p>;
  },
});

export const Nameless = meta.story({ render: () => <button type="button" /> });

export const Rejects = meta.story({
  args: { children: 'New' },
  play: async () => {
    Promise.reject(new Error('nobody waits for it'));
    await new Promise((resolve) => setTimeout(resolve, 50));
  },
});

export const Hangs = meta.story({ play: () => new Promise(() => {}), args: { children: 'New' } });
