import type { ReactNode } from 'react';

export type BadgeTone = 'neutral' | 'informative' | 'success' | 'warning';

export type BadgeProps = {
  /** What the badge says about the thing it marks. */
  tone?: BadgeTone;
  /**
   * Full corners instead of small ones.
   * @deprecated All badges will be rounded from version 4 on.
   */
  rounded?: boolean;
  children?: ReactNode;
};

/** A short, unobtrusive mark on something else. */
export function Badge({ tone = 'neutral', rounded = false, children }: BadgeProps) {
  return (
    <span className={`acme-badge acme-badge--${tone}`} data-rounded={rounded || undefined}>
      {children}
    </span>
  );
}
