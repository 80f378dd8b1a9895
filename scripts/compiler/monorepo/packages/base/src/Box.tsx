import * as React from 'react';
import type { Responsive, Space } from '@mono/tokens/scales';

export interface BoxProps extends React.HTMLAttributes<HTMLDivElement> {
  padding?: Responsive<Space>;
  inline?: boolean;
}

export const Box = React.forwardRef<HTMLDivElement, BoxProps>(function Box({ padding = 'none', inline, ...rest }, ref) {
  return <div ref={ref} data-padding={String(padding)} data-inline={inline} {...rest} />;
});
