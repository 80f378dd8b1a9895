import { forwardRef, type ReactNode } from 'react';

import { Button, type ButtonProps } from '../Button';

type Inherited = Omit<ButtonProps, 'size' | 'iconLeft' | 'loading' | 'children' | 'aria-label'>;

export interface IconButtonProps extends Inherited {
  icon: ReactNode;
  /** The icon alone says nothing to a screen reader. */
  'aria-label': string;
  size?: 'small' | 'medium';
}

/** A button with an icon and nothing else. */
export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(
  ({ icon, size = 'medium', ...rest }, ref) => (
    <Button ref={ref} size={size} {...rest}>
      {icon}
    </Button>
  ),
);
IconButton.displayName = 'IconButton';
