import { fileURLToPath } from 'node:url';

import { defineMain } from '@storybook/react-vite/node';

export default defineMain({
  framework: '@storybook/react-vite',
  stories: ['../src/**/*.stories.@(ts|tsx)'],
  addons: ['@storybook/addon-docs', '@storybook/addon-designs'],
  core: { disableTelemetry: true },
  viteFinal: (config) => ({
    ...config,
    resolve: {
      ...config.resolve,
      alias: { ...config.resolve?.alias, '@': fileURLToPath(new URL('../src', import.meta.url)) },
    },
  }),
});
