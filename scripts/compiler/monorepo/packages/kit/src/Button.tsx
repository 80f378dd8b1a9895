import type { Tone } from '@mono/tokens';
import { Density, type Shade } from '~tokens';
import type { Polymorphic } from '~kit/lib/polymorphic';

interface Own {
  tone?: Tone;
  shade?: Shade<'primary' | 'accent'>;
  density?: Density;
  busy?: boolean;
}

/** A button, or whatever else is asked for. */
export const Button: Polymorphic<Own, 'button'> = ({ as: Tag = 'button', tone = 'calm', density = Density.Roomy, busy = false, ...rest }) => (
  <Tag data-tone={tone} data-density={density} aria-busy={busy} {...(rest as object)} />
);
