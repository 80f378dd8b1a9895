import { forwardRef, useId, type InputHTMLAttributes } from 'react';

interface FieldBase {
  /** Names the field; always visible. */
  label: string;
  /** What to write, or what is wrong with what was written. */
  helpText?: string;
}

export interface TextFieldProps extends FieldBase, Omit<InputHTMLAttributes<HTMLInputElement>, 'size'> {
  size?: 'small' | 'medium' | 'large';
  /** Marks the value as wrong. */
  invalid?: boolean;
}

/** One line of text. */
export const TextField = forwardRef<HTMLInputElement, TextFieldProps>(
  ({ label, helpText, size = 'small', invalid = false, id, ...rest }, ref) => {
    const generated = useId();
    const inputId = id ?? generated;

    return (
      <div className={`acme-text-field acme-text-field--${size}`}>
        <label htmlFor={inputId}>{label}</label>
        <input ref={ref} id={inputId} aria-invalid={invalid} aria-describedby={`${inputId}-help`} {...rest} />
        <p id={`${inputId}-help`}>{helpText}</p>
      </div>
    );
  },
);
TextField.displayName = 'TextField';
