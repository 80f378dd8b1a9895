import type { ReactNode } from 'react';

const statuses = {
  info: { icon: 'ⓘ', role: 'status' },
  success: { icon: '✓', role: 'status' },
  warning: { icon: '⚠', role: 'alert' },
  error: { icon: '⛔', role: 'alert' },
} as const;

export type AlertStatus = keyof typeof statuses;

type Dismissal = {
  /** Shows a button that closes the alert. */
  dismissible?: boolean;
  onDismiss?: () => void;
};

export type AlertProps = {
  status?: AlertStatus;
  title: string;
  /** One thing that the person can do about it. */
  action?: ReactNode;
  children?: ReactNode;
} & Dismissal;

/** Tells what happened, where it happened. */
export function Alert(props: AlertProps) {
  const { status = 'info', title, action, dismissible = false, onDismiss, children } = props;
  const { icon, role } = statuses[status];

  return (
    <div className={`acme-alert acme-alert--${status}`} role={role}>
      <span aria-hidden="true">{icon}</span>
      <strong>{title}</strong>
      {children}
      {action}
      {dismissible && <button onClick={onDismiss}>Close</button>}
    </div>
  );
}
