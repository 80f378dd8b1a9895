import figma from '@figma/code-connect';

import { Tooltip } from './Tooltip';

figma.connect(Tooltip, '<ACME_KIT>?node-id=70-404', {
  props: {
    text: figma.string('Text'),
    placement: figma.enum('Placement', { Top: 'top', Right: 'right', Bottom: 'bottom', Left: 'left' }),
  },
  example: ({ text, placement }) => (
    <Tooltip text={text} placement={placement}>
      <button>Copy</button>
    </Tooltip>
  ),
});
