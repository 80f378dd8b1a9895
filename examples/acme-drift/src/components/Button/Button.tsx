import { cva, type VariantProps } from 'class-variance-authority';
import { forwardRef, type ButtonHTMLAttributes, type ReactNode } from 'react';

import { cx } from '@/lib/cx';

const button = cva('acme-button', {
  variants: {
    variant: {
      primary: 'acme-button--primary',
      secondary: 'acme-button--secondary',
      ghost: 'acme-button--ghost',
      danger: 'acme-button--danger',
    },
    size: {
      small: 'acme-button--small',
      medium: 'acme-button--medium',
    },
  },
  defaultVariants: {
    variant: 'primary',
    size: 'medium',
  },
});

export interface ButtonProps
  extends ButtonHTMLAttributes<HTMLButtonElement>,
    VariantProps<typeof button> {
  /** Shown before the label. */
  iconLeft?: ReactNode;
  /** Replaces the icon by a spinner and takes no clicks. */
  loading?: boolean;
  /** Takes no clicks and no focus. */
  disabled?: boolean;
  /** The label. */
  children?: ReactNode;
}

/** Starts an action. For going somewhere else, use a link. */
export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { variant, size, iconLeft, loading = false, disabled = false, className, children, ...rest },
  ref,
) {
  return (
    <button
      ref={ref}
      type="button"
      className={cx(button({ variant, size }), className)}
      disabled={disabled || loading}
      aria-busy={loading || undefined}
      {...rest}
    >
      {loading ? <span className="acme-button__spinner" /> : iconLeft}
      {children}
    </button>
  );
});
