/** `arena play`: a policy plays in a room of any arena, as one who connects over the network. */
import * as z from 'zod';
import { roomAddress } from '../../agents/client/address.ts';
import { ArenaError, connectPlayer, type Player, type PlayerView } from '../../agents/client/index.ts';
import { encodingOf, type SeatedPolicy, seatPolicy } from '../../agents/client/seated-policy.ts';
import { PolicyError } from '../../agents/policies/card.ts';
import { type Contestant, openPolicies } from '../../agents/policies/names.ts';
import { ConnectionError } from '../../agents/training/errors.ts';
import { OptionsError } from '../../shared/definition.ts';
import { parseFlags, UsageError, whole } from '../config.ts';
import { digits } from './table.ts';

const EXIT_INTERRUPTED = 130;
const MOST_NAME = 24;

const flagsSchema = z.strictObject({
  policy: z.string({ error: 'name a policy, such as zoo/harvest-moa, a run or greedy' }).min(1),
  room: z.string({ error: "give a room: the address of its page, or its id and the arena's --arena" }).min(1),
  arena: z.string().min(1).optional(),
  token: z.string().min(1).optional(),
  seats: whole(1, 240).default(1),
  greedy: z.boolean().default(false),
  name: z
    .string()
    .trim()
    .min(1)
    .max(MOST_NAME, { error: `must have 1 to ${MOST_NAME} characters` })
    .optional(),
});

type Flags = z.infer<typeof flagsSchema>;

/** What is done about refusals that have to do with how the command was given, beside what the arena says of them. */
const REMEDIES: Readonly<Record<string, string>> = {
  'bad-token': 'do that where the arena runs, and give it with --token or ARENA_TOKEN',
  'no-room': 'its page in the lobby has its id, and a room without visitors is gone',
  'no-free-seat': 'ask for fewer with --seats',
  'no-seat': 'ask for fewer with --seats',
};

export async function play(raw: unknown): Promise<void> {
  const flags = parseFlags(flagsSchema, raw);
  const token = flags.token ?? process.env.ARENA_TOKEN;
  if (token === undefined || token === '') {
    throw new UsageError(
      'an arena wants a token: make one with `npx arena token create`, and give it with --token or ARENA_TOKEN',
    );
  }
  const place = addressed(flags);
  const contestant = await opened(flags);
  const player = await joined(flags, place, token, contestant);
  try {
    await playOn(player, seated(contestant, player, flags), flags.policy);
  } finally {
    await player.leave().catch(() => {});
    if (typeof contestant !== 'string') await contestant.release();
  }
}

function addressed({ room, arena }: Flags): ReturnType<typeof roomAddress> {
  try {
    return roomAddress(room, arena);
  } catch (error) {
    if (!(error instanceof ArenaError)) throw error;
    throw new UsageError(`--room: ${error.message}`, { cause: error });
  }
}

async function opened({ policy, seats }: Flags): Promise<Contestant> {
  try {
    const contestant = (await openPolicies([policy]))[0]!;
    if (typeof contestant === 'string') return contestant;
    // A first call takes longer than others, and in the room ticks are short.
    for (const network of contestant.card.files.keys()) await contestant.call(seats, network).run();
    return contestant;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new UsageError(`--policy: ${error.message}`, { cause: error });
  }
}

async function joined(
  { policy, seats, name = policy.slice(-MOST_NAME) }: Flags,
  { url, room, key }: ReturnType<typeof roomAddress>,
  token: string,
  contestant: Contestant,
): Promise<Player> {
  const encoding = encodingOf(contestant);
  try {
    return await connectPlayer({ url, token, room, seats, name, encoding, ...(key !== null && { key }) });
  } catch (error) {
    if (!(error instanceof ArenaError)) throw error;
    const remedy = REMEDIES[error.code];
    const message = remedy === undefined ? error.message : `${error.message}; ${remedy}`;
    throw new UsageError(message, { cause: error });
  }
}

function seated(contestant: Contestant, player: Player, { greedy }: Flags): SeatedPolicy {
  const seed = Math.floor(Math.random() * 2 ** 32);
  let policy: SeatedPolicy;
  try {
    policy = seatPolicy(contestant, player, { greedy, seed });
  } catch (error) {
    if (error instanceof PolicyError || error instanceof OptionsError || error instanceof RangeError) {
      throw new UsageError(`--policy: ${error.message}`, { cause: error });
    }
    throw error;
  }
  const signals = typeof contestant === 'string' ? [] : contestant.card.signals.map(({ name }) => name);
  if (signals.includes('lastActions') && !player.game.revealsActions) {
    note('it learned to know what everybody did last, which this room does not tell; see revealActions');
  }
  if (signals.includes('heardSymbols'))
    note('it learned to hear what others say, and in a room nobody speaks');
  return policy;
}

function note(text: string): void {
  process.stderr.write(`note: ${text}\n`);
}

/** Until the room or its match is over, or it is interrupted. @throws {ConnectionError} for what else ends it. */
async function playOn(player: Player, policy: SeatedPolicy, name: string): Promise<void> {
  const status = new PlayStatus(player, process.stdout);
  status.begin(name);
  const held = player.seats.length;
  const stop = () => {
    // Asked twice: the arena does not answer.
    if (process.exitCode === EXIT_INTERRUPTED) process.exit();
    process.exitCode = EXIT_INTERRUPTED;
    void player.leave().catch(() => {});
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    for await (const view of player) {
      if (view.seats.length < held) throw new ConnectionError('another connection has taken back a seat');
      if (!view.ended) player.act(await chosen(policy, view, name));
      status.show(view);
    }
  } catch (error) {
    if (!(error instanceof ArenaError)) throw error;
    throw new ConnectionError(error.message, { cause: error });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    status.end(player.farewell?.message ?? 'seats left');
  }
}

/** @throws {PolicyError} for a network that fails at what it sees. */
async function chosen(policy: SeatedPolicy, view: PlayerView, name: string): Promise<Uint8Array> {
  try {
    return await policy.act(view);
  } catch (error) {
    const [line] = (error as Error).message.split('\n', 1);
    throw new PolicyError(
      `policy ${name} failed at tick ${view.tick} of episode ${view.episode}: ${line}; its file does not fit what it is shown: export it again`,
      { cause: error },
    );
  }
}

/** Milliseconds between two looks of the line. */
const LINE_MS = 250;

/** One line that is written over, on a terminal; elsewhere a line for each episode. */
class PlayStatus {
  readonly #player: Player;
  readonly #out: NodeJS.WriteStream;
  #at = Number.NEGATIVE_INFINITY;
  #line = '';

  constructor(player: Player, out: NodeJS.WriteStream) {
    this.#player = player;
    this.#out = out;
  }

  begin(policy: string): void {
    const { seats, room, game } = this.#player;
    const where = `${game.environment}, room ${room}`;
    this.#out.write(`${policy} plays seat${seats.length === 1 ? '' : 's'} ${seats.join(', ')} of ${where}\n`);
  }

  show({ episode, tick, seats, ended }: PlayerView): void {
    const { asked, onTime } = this.#player.punctuality;
    const returns = seats.map(({ total }) => digits(total)).join(', ');
    // Down, so that 100% are all.
    const share = asked === 0 ? '' : `, on time ${Math.floor((1000 * onTime) / asked) / 10}%`;
    this.#line = `episode ${episode}, tick ${tick}, return ${returns}${share}`;
    if (this.#out.isTTY) {
      const now = performance.now();
      if (now - this.#at < LINE_MS && !ended) return;
      this.#at = now;
      this.#out.write(`\r\x1b[2K${this.#line}`);
      if (ended) this.#out.write('\n');
    } else if (ended) this.#out.write(`${this.#line}\n`);
    if (ended) this.#line = '';
  }

  end(why: string): void {
    const last = this.#line === '' ? '' : `${this.#out.isTTY ? '\r\x1b[2K' : ''}${this.#line}\n`;
    this.#out.write(`${last}${why}\n`);
  }
}
