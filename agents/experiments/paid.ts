/** What intrinsic rewards pay beside what the game pays, both a player step: which of the two the players learn from. */
import { RETURN } from './measures.ts';
import { estimateText } from './numbers.ts';
import { type ArmResult, finalOf, meanOver } from './results.ts';

const LENGTH = 'episode/length';
/** `intrinsic/<name>/paid`: after weight, curriculum and clipping. */
const PAID = /^intrinsic\/([^/]+)\/paid$/;

/**
 * Arms by what is paid. Empty where no finished run has an intrinsic reward.
 * @param present names of the metrics that were logged. @param players of the game.
 */
export function paidRows(
  arms: readonly ArmResult[],
  present: readonly string[],
  players: number,
): (readonly string[])[] {
  const rewards = present.flatMap((name) => {
    const [, reward] = PAID.exec(name) ?? [];
    const estimates = arms.map((arm) => meanOver(arm.finished.flatMap((run) => finalOf(run, name) ?? [])));
    return reward === undefined || estimates.every((estimate) => estimate === null)
      ? []
      : [[`${reward}, paid a step`, ...estimates.map(estimateText)]];
  });
  if (rewards.length === 0) return [];
  return [
    ['a player step', ...arms.map(({ arm }) => arm.name)],
    ['reward of the game a step', ...arms.map((arm) => estimateText(gameReward(arm, players)))],
    ...rewards,
  ];
}

/** Of each run: collective return / (players * steps of an episode). */
function gameReward({ finished }: ArmResult, players: number) {
  return meanOver(
    finished.flatMap((run) => {
      const collective = finalOf(run, RETURN);
      const length = finalOf(run, LENGTH);
      return collective === null || length === null ? [] : collective / (players * length);
    }),
  );
}
