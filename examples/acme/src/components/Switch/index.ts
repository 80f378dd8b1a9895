export { default } from './Switch';
