type SwitchProps = {
  label: string;
  on?: boolean;
  size?: 'small' | 'medium';
  disabled?: boolean;
  onToggle?: (on: boolean) => void;
};

/** Turns something on or off, at once. */
export default function Switch({ label, on = false, size = 'medium', disabled = false, onToggle }: SwitchProps) {
  return (
    <button
      role="switch"
      className={`acme-switch acme-switch--${size}`}
      aria-checked={on}
      disabled={disabled}
      onClick={() => onToggle?.(!on)}
    >
      {label}
    </button>
  );
}
