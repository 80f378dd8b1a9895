import { useEffect, useRef } from 'react';

export interface CheckboxProps {
  label: string;
  /** `'mixed'` when only some of what it stands for is chosen. */
  checked?: boolean | 'mixed';
  disabled?: boolean;
  onChange?: (checked: boolean) => void;
}

/** Chooses one thing, or several of a list. */
export function Checkbox({ label, checked = false, disabled = false, onChange }: CheckboxProps) {
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (input.current) input.current.indeterminate = checked === 'mixed';
  }, [checked]);

  return (
    <label className="acme-checkbox">
      <input
        ref={input}
        type="checkbox"
        checked={checked === true}
        disabled={disabled}
        onChange={(event) => onChange?.(event.target.checked)}
      />
      {label}
    </label>
  );
}
