import figma from '@figma/code-connect';

import { Button } from './Button';

figma.connect(Button, '<ACME_KIT>?node-id=10-1', {
  props: {
    variant: figma.enum('Variant', {
      Primary: 'primary',
      Secondary: 'secondary',
      Ghost: 'ghost',
    }),
    size: figma.enum('Size', {
      Small: 'small',
      Medium: 'medium',
    }),
    disabled: figma.enum('State', { Disabled: true }),
    loading: figma.boolean('Loading'),
    iconLeft: figma.instance('Icon Left'),
    label: figma.string('Label'),
  },
  example: ({ variant, size, disabled, loading, iconLeft, label }) => (
    <Button variant={variant} size={size} disabled={disabled} loading={loading} iconLeft={iconLeft}>
      {label}
    </Button>
  ),
});
