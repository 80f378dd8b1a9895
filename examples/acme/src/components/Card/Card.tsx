import type { HTMLAttributes, ReactNode } from 'react';

import { cx } from '@/lib/cx';

export interface CardProps extends HTMLAttributes<HTMLElement> {
  elevation?: 'flat' | 'raised';
  /** Lifts on hover: the whole card can be clicked. */
  interactive?: boolean;
  children?: ReactNode;
}

/** Groups what belongs together. */
function CardRoot({ elevation = 'flat', interactive = false, className, ...rest }: CardProps) {
  return (
    <article
      className={cx('acme-card', `acme-card--${elevation}`, interactive && 'acme-card--interactive', className)}
      {...rest}
    />
  );
}

export interface CardHeaderProps {
  title: string;
  /** Stands at the far end of the header: a menu, a badge. */
  action?: ReactNode;
}

function CardHeader({ title, action }: CardHeaderProps) {
  return (
    <header className="acme-card__header">
      <h3>{title}</h3>
      {action}
    </header>
  );
}

export interface CardFooterProps {
  align?: 'start' | 'end' | 'between';
  children?: ReactNode;
}

function CardFooter({ align = 'end', children }: CardFooterProps) {
  return <footer className={`acme-card__footer acme-card__footer--${align}`}>{children}</footer>;
}

export const Card = Object.assign(CardRoot, { Header: CardHeader, Footer: CardFooter });
