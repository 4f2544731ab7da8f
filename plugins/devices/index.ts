export { deviceErrors } from './errors.ts';
export { type Holder, type Holding, holdings } from './holdings.ts';
