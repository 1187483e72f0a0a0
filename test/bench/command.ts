/** What a benchmark is told on its command line: --help says what there is, and what is wrong ends it with 2 before anything starts. */
import { Command, InvalidArgumentError } from 'commander';

const EXIT_USAGE = 2;

/** @param name of the script in `package.json`. */
export function benchmark(name: string, description: string): Command {
  return new Command(`npm run ${name} --`)
    .description(description)
    .showHelpAfterError('(--help says what there is)')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
    .option('--json', 'one JSON object a line', false);
}

export function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a positive number.');
}

export function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
  };
}

export function wholes(low: number, high: number): (text: string) => number[] {
  const one = whole(low, high);
  return (text) => {
    try {
      return text.split(',').map(one);
    } catch {
      throw new InvalidArgumentError(`It must be whole numbers from ${low} to ${high}, separated by commas.`);
    }
  };
}

export function someOf<T extends string>(all: readonly T[]): (text: string) => T[] {
  return (text) => {
    const chosen = all.filter((name) => text.split(',').includes(name));
    if (chosen.length === new Set(text.split(',')).size) return chosen;
    throw new InvalidArgumentError(`It must be some of ${all.join(', ')}, separated by commas.`);
  };
}
