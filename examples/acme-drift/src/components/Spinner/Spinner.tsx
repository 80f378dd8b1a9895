import { Component } from 'react';

export interface SpinnerProps {
  size: 'small' | 'medium' | 'large';
  /** Read out while it spins. */
  label: string;
}

/** Something is being waited for, nobody knows how long. */
export class Spinner extends Component<SpinnerProps> {
  static defaultProps = {
    size: 'medium',
    label: 'Loading',
  } satisfies SpinnerProps;

  render() {
    const { size, label } = this.props;
    return <span className={`acme-spinner acme-spinner--${size}`} role="status" aria-label={label} />;
  }
}
