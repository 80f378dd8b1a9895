export { Button } from '~kit/Button';
export { Field, type FieldProps } from './Field';
export { Tag, Chip } from './Tag';
export { Panel } from '~kit/Panel';
export { List } from './List';
