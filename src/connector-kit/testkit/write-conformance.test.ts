import { writeConformance } from './index.ts';
import { deskOptions } from './testing/desk-options.ts';

writeConformance(deskOptions);
