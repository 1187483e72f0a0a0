/** Environment options from `--set`. */
import { UsageError } from '../config.ts';

/** `name=value` pairs as options; values are JSON, or text where they are not. @throws {UsageError} */
export function settings(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UsageError(`--set ${pair}: give name=value, for example --set regrowth=lab2d`);
      const text = pair.slice(at + 1);
      const flag = ['players', 'preset'].find((name) => pair.startsWith(`${name}=`));
      if (flag !== undefined) throw new UsageError(`--set ${pair}: use --${flag} ${text}`);
      try {
        return [pair.slice(0, at), JSON.parse(text)];
      } catch {
        return [pair.slice(0, at), text];
      }
    }),
  );
}
