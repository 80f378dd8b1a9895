import { memo, useId, type ReactElement } from 'react';

import type { Placement } from '@/types/placement';

export interface TooltipProps {
  text: string;
  placement?: Placement;
  /** A small triangle towards the trigger. */
  showArrow?: boolean;
  children: ReactElement;
}

/** Explains a control while it has the pointer or the focus. */
export const Tooltip = memo<TooltipProps>(({ text, placement = 'top', showArrow = true, children }) => {
  const id = useId();

  return (
    <span className={`acme-tooltip acme-tooltip--${placement}`} aria-describedby={id} data-arrow={showArrow}>
      {children}
      <span role="tooltip" id={id}>
        {text}
      </span>
    </span>
  );
});
Tooltip.displayName = 'Tooltip';
