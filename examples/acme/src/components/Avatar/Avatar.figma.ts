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
const swapped = instance.getInstanceSwap('Picture');
const picture = swapped?.executeTemplate().example;

const prop = figma.helpers.react.renderProp;

export default {
  id: 'avatar',
  imports: ["import { Avatar } from '@acme/ui'"],
  example: figma.code`<Avatar${prop('name', name)}${prop('size', size)}${prop('shape', shape)}${prop('picture', picture)} />`,
};
