import { Box, type BoxProps } from '@mono/base';
import type { ComponentProps, ReactNode } from 'react';
import type { Without } from './lib/polymorphic';

type Common = Without<BoxProps, 'inline'> & { label: ReactNode };
export type FieldProps = Common &
  (
    | { kind: 'text'; multiline?: boolean; value?: string }
    | { kind: 'choice'; layout?: 'row' | 'column'; value?: 'first' | 'second' }
    | ({ kind: 'box' } & Required<Pick<ComponentProps<typeof Box>, 'inline'>>)
  );

export function Field(props: FieldProps) {
  return <Box padding={props.padding}>{props.label}</Box>;
}
