/** Signals as arrays, for whoever plays; free of tfjs. What networks make of them is in `signals.ts`. */

/**
 * - `lastActions`: what everybody did in the last step.
 * - `leadersActions`: what those who lead do in this step, for who does not.
 * - `heardSymbols`: what everybody said in the last step.
 */
export const SIGNAL_NAMES = ['lastActions', 'leadersActions', 'heardSymbols'] as const;
export type SignalName = (typeof SIGNAL_NAMES)[number];

/** Who is in a player's relative slot: slot 0 is the player itself. */
export const playerIn = (slot: number, player: number, players: number) => (player + slot) % players;

/** Turns choices [N] of an environment's players into relative slots [N, N], from `offset` of `out` on. */
export function writeSlots(
  choices: Uint8Array,
  from: number,
  players: number,
  out: Uint8Array,
  offset: number,
): void {
  for (let k = 0; k < players; k++) {
    for (let i = 0; i < players; i++) {
      out[offset + k * players + i] = choices[from + playerIn(i, k, players)]!;
    }
  }
}
