/** `arena export`: a run's policy as files for others, or as an entry of the zoo. */
import { join } from 'node:path';
import * as z from 'zod';
import { FORMATS, publish } from '../../agents/policies/publish.ts';
import { readSnapshot } from '../../agents/policies/snapshot.ts';
import { checkSize, ZOO } from '../../agents/policies/zoo.ts';
import { parseFlags, UsageError, whole } from '../config.ts';
import { digits } from './table.ts';

const flagsSchema = z.object({
  format: z.enum(FORMATS, { error: `there are ${FORMATS.join(', ')}` }).default('onnx'),
  out: z.string().min(1).optional(),
  zoo: z
    .string()
    .regex(/^[a-z\d][a-z\d-]*$/, { error: 'a name is lower case letters, digits and hyphens' })
    .optional(),
  name: z.string().min(1).optional(),
  episodes: whole(0, 100_000).optional(),
  seed: whole(0, Number.MAX_SAFE_INTEGER).default(1),
});

/** What a card says is worth some waiting. */
const ZOO_EPISODES = 32;

export async function exportPolicy(source: string, raw: unknown): Promise<void> {
  const {
    format,
    out,
    zoo,
    name,
    seed,
    episodes = zoo === undefined ? 0 : ZOO_EPISODES,
  } = parseFlags(flagsSchema, raw);
  if ((out === undefined) === (zoo === undefined)) {
    throw new UsageError('say where to: --out <folder>, or --zoo <name> for an entry of the zoo');
  }
  if (zoo !== undefined && format !== 'onnx') throw new UsageError('--format: the zoo has ONNX files only');
  const snapshot = readSnapshot(source);
  const folder = out ?? join(ZOO, zoo!);
  const { files, scores } = await publish(snapshot, {
    folder,
    format,
    name: name ?? zoo ?? snapshot.name,
    evaluation: episodes === 0 ? null : { episodes, seed },
    ...(zoo === undefined ? {} : { check: checkSize }),
  });
  const score = scores?.measures.collectiveReturn;
  process.stdout.write(
    [
      `${folder}: ${files.join(', ')}`,
      ...(score === undefined
        ? []
        : [
            `return ${digits(score.mean)}${score.low === null || score.high === null ? '' : `, 95% interval ${digits(score.low)} to ${digits(score.high)}`}, ${episodes} episodes from seed ${seed}`,
          ]),
      '',
    ].join('\n'),
  );
}
