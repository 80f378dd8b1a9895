// url=https://www.figma.com/design/Qm4tYv81cLs0eXw7ZpRk2B/Acme-UI-Kit?node-id=20-1
// source=src/components/Avatar/Avatar.tsx
// component=Avatar
import figma from 'figma';

const instance = figma.selectedInstance;

const size = instance.getEnum('Size', {
  S: 'small',
  M: 'medium',
  L: 'large',
});
// Round is what the code does when nothing is said.
const shape = instance.getEnum('Shape', { Square: 'square' });
const name = instance.getString('Name');

export default {
  id: 'avatar',
  imports: ["import { Avatar } from '@acme/ui'"],
  example: figma.code`<Avatar${figma.helpers.react.renderProp('name', name)}${figma.helpers.react.renderProp('size', size)}${figma.helpers.react.renderProp('shape', shape)} />`,
};
