/** Writes `docs/environments.md`: `npm run docs`, after a change of an environment or its options. */
import { writeFileSync } from 'node:fs';
import { environmentsMarkdown } from '../shared/docs.ts';
import { ENVIRONMENTS } from '../shared/registry.ts';

writeFileSync(new URL('./environments.md', import.meta.url), environmentsMarkdown(ENVIRONMENTS));
