export {
  createAccess,
  type Access,
  type AccessOptions,
  type IssuedToken,
  type NewPrincipal,
  type NewToken,
} from './access.ts';
export { readCredential, type Credential } from './credential-file.ts';
export {
  createLocalToken,
  prepareFirstStart,
  type FirstStart,
  type FirstStartOptions,
  type LocalTokenOptions,
} from './first-start.ts';
