export { Box } from './Box';
export type { BoxProps } from './Box';
export * as Layout from './Layout';
