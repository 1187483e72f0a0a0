/**
 * The authoritative room: lifecycle, messages and timing. The game is a `Match`, what is public a `PublicView`, who sees
 * what an `Audience`, when a tick comes a `Pulse`; this class only ties them together.
 */

import { randomBytes } from 'node:crypto';
import { type Client, CloseCode, Room, ServerError } from '@colyseus/core';
import * as z from 'zod';
import { explain, OptionsError } from '../../shared/definition.ts';
import { ClassId } from '../../shared/palette.ts';
import { ByteWriter } from '../../shared/protocol/bytes.ts';
import {
  actSchema,
  type Closing,
  encodeWindow,
  enterSchema,
  MAX_TICKS_AHEAD,
  Message,
  type Pace,
  PROTOCOL_VERSION,
  type Refused,
  type RoomSummary,
  roomOptionsSchema,
  type Seated,
  sitSchema,
  type Welcome,
} from '../../shared/protocol/index.ts';
import { definitionOf } from '../../shared/registry.ts';
import { Audience } from '../audience.ts';
import { directory, type ListedRoom } from '../directory.ts';
import { log } from '../log.ts';
import { Match } from '../match.ts';
import { bytesOut, refusals, stepTime, tickLateness } from '../metrics.ts';
import { PublicView } from '../public-view.ts';
import { Pulse, wallClock } from '../pulse.ts';
import { RateLimit } from '../rate-limit.ts';

/** What a client says when it asks for a room. */
const createSchema = z.object({
  ...enterSchema.shape,
  room: roomOptionsSchema.prefault({}),
  /** The process's own secret: a demo room, that stays when nobody is in it. */
  internal: z.literal(directory.secret).optional(),
});

/** HTTP-like code of a refusal to create or enter a room. */
const BAD_REQUEST = 400;
const TOO_MANY = 429;

/** Messages a second that are read from a client of a lockstep room, which goes as fast as its players. */
const LOCKSTEP_MESSAGES = 5000;

export class ArenaRoom extends Room implements ListedRoom {
  #match!: Match;
  #view!: PublicView;
  #audience!: Audience;
  #title = '';
  #demo = false;
  #key = randomBytes(9).toString('base64url');
  #creatorEntered = false;
  #pulse: Pulse | null = null;
  #cancelLockstep: (() => void) | null = null;
  #steady = true;
  #failed = false;
  #limits = new Map<string, RateLimit>();
  readonly #writer = new ByteWriter();

  override onCreate(raw: unknown): void {
    if (directory.rooms.size >= directory.limits.maxRooms) {
      throw new ServerError(
        TOO_MANY,
        `there are ${directory.rooms.size} rooms, as many as this arena takes: join one of them`,
      );
    }
    const request = parse(createSchema, raw, 'room');
    const options = request.room;
    try {
      this.#match = new Match(options);
    } catch (error) {
      if (error instanceof OptionsError) throw new ServerError(BAD_REQUEST, error.message);
      throw error;
    }
    this.#demo = request.internal !== undefined;
    this.#title = options.title ?? `${definitionOf(options.environment).title} ${this.roomId}`;
    this.autoDispose = !this.#demo;
    this.patchRate = null;
    this.maxClients = directory.limits.maxClientsPerRoom;
    const { grid, environment } = this.#match;
    this.#view = new PublicView(
      { width: grid.width, height: grid.height, players: environment.players, beamRadius: grid.beamRadius },
      options.view === 'partial' ? options.spectatorDelay : 0,
      options.episodeLength,
    );
    this.#audience = new Audience(
      options.view === 'partial',
      (client) => this.#greet(client),
      (bytes) => bytesOut.inc(bytes),
    );
    this.#listen();
    this.#view.add(this.#match.startEpisode());
    this.#view.release();
    if (options.clock === 'realtime') {
      this.#pulse = new Pulse(options.tickRate, (lateness) => this.#onPulse(lateness));
      this.#pulse.start();
    } else {
      this.#armLockstep();
    }
    this.setSimulationInterval(() => this.#expireSeats(), 1000);
    directory.rooms.add(this);
    log.info(
      { room: this.roomId, environment: options.environment, players: options.players },
      'room created',
    );
  }

  override onJoin(client: Client, raw: unknown): void {
    const { name = 'guest', identity = client.sessionId } = parse(enterSchema, raw, 'enter');
    this.#audience.enter(client, identity, name);
    client.send(Message.welcome, this.#welcome());
    // Whoever made the room comes in first and may hand out its seats.
    const creator = !this.#creatorEntered && !this.#demo;
    this.#creatorEntered = true;
    this.#seated(client, { seat: null, token: null, key: creator ? this.#key : null });
    this.#refresh();
  }

  override onDrop(client: Client): void {
    this.#limits.delete(client.sessionId);
    this.#audience.leave(client);
    const seat = this.#match.seats.drop(client.sessionId, wallClock.now());
    if (seat >= 0) {
      this.#match.actions.clear(seat);
      log.info({ room: this.roomId, seat }, 'player dropped');
    }
    this.#seatsChanged();
  }

  override onLeave(client: Client): void {
    this.#limits.delete(client.sessionId);
    this.#audience.leave(client);
    const seat = this.#match.seats.stand(client.sessionId);
    if (seat >= 0) this.#match.actions.clear(seat);
    this.#seatsChanged();
  }

  override onBeforeShutdown(): void {
    this.#close({ reason: 'shutdown', message: 'The arena is going down. Reload in a while.' });
    this.disconnect(CloseCode.SERVER_SHUTDOWN);
  }

  override onDispose(): void {
    this.#pulse?.stop();
    this.#cancelLockstep?.();
    directory.rooms.delete(this);
    log.info({ room: this.roomId }, 'room closed');
  }

  override onUncaughtException(error: Error, method: string): void {
    // A refusal to create or enter is an answer, not a fault.
    const cause = (error.cause ?? error) as Error;
    if (cause instanceof ServerError) return;
    log.error({ room: this.roomId, method, error: cause.message, stack: cause.stack }, 'room fault');
  }

  summary(): RoomSummary {
    const { options, seats } = this.#match;
    const { mirror } = this.#view;
    return {
      roomId: this.roomId,
      title: this.#title,
      environment: options.environment,
      preset: options.preset,
      view: options.view,
      clock: options.clock,
      practice: options.seed !== undefined,
      demo: this.#demo,
      tickRate: options.tickRate,
      players: options.players,
      humans: seats.humans,
      openSeats: options.seating === 'nobody' || options.seating === 'link' ? 0 : seats.free,
      spectators: this.#audience.size - seats.humans,
      episode: mirror.episode,
      episodes: options.episodes,
      step: mirror.time,
      episodeLength: options.episodeLength,
      collectiveReturn: this.#view.collectiveReturn,
      apples: mirror.count(ClassId.apple),
      appleSites: this.#match.grid.appleSites.length,
      appleHistory: this.#view.appleHistory(),
      preview: null,
    };
  }

  picture(): RoomSummary {
    const { mirror } = this.#view;
    const { width, height } = mirror.shape;
    return { ...this.summary(), preview: mirror.ready ? { width, height, cells: mirror.picture() } : null };
  }

  #listen(): void {
    this.#on(Message.act, actSchema, (client, act) => {
      const seat = this.#match.seats.seatOf(client.sessionId);
      if (seat < 0) return { code: 'no-seat', message: 'you hold no seat: send `sit` first' };
      const { labels } = this.#match.environment.actionSpec as { labels: readonly string[] };
      if (act.action >= labels.length) {
        return {
          code: 'bad-action',
          message: `action ${act.action} is unknown, there are 0 to ${labels.length - 1}`,
        };
      }
      const now = this.#match.tick;
      const refused = this.#match.actions.put(seat, act.action, now, act.tick);
      if (refused !== null) {
        const message = `the action is for tick ${act.tick}, the next is ${now}: give ${now} to ${now + MAX_TICKS_AHEAD}`;
        return { code: refused, message, tick: act.tick! };
      }
      if (this.#pulse === null && this.#everyoneActed()) this.#stepLockstep();
      return null;
    });
    this.#on(Message.sit, sitSchema, (client, sit) => {
      const { seats, options } = this.#match;
      if (sit.token !== undefined) {
        const back = seats.takeBack(client.sessionId, sit.token);
        if ('code' in back) return back;
        const ousted = back.ousted === null ? undefined : this.#audience.clientOf(back.ousted);
        if (ousted !== undefined) this.#seated(ousted, { seat: null, token: null, key: null });
        this.#seated(client, { seat: back.seat, token: back.token, key: null });
        this.#seatsChanged();
        return null;
      }
      if (options.seating === 'nobody')
        return { code: 'seating-closed', message: 'only bots play here: watch instead' };
      if (options.seating === 'link' && sit.key !== this.#key) {
        return { code: 'wrong-key', message: 'seats here go by link: ask whoever made the room for it' };
      }
      const taken = seats.sit(
        client.sessionId,
        sit.name ?? this.#audience.nameOf(client.sessionId),
        sit.seat,
      );
      if ('code' in taken) return taken;
      this.#match.actions.clear(taken.seat);
      this.#seated(client, { seat: taken.seat, token: taken.token, key: null });
      this.#seatsChanged();
      return null;
    });
    this.#on(Message.stand, z.unknown(), (client) => {
      const seat = this.#match.seats.stand(client.sessionId);
      if (seat < 0) return { code: 'no-seat', message: 'you hold no seat' };
      this.#match.actions.clear(seat);
      this.#seated(client, { seat: null, token: null, key: null });
      this.#seatsChanged();
      return null;
    });
    this.onMessage('*', (client: Client, type: string | number) => {
      if (!this.#admit(client, 0)) return;
      this.#refuse(client, {
        code: 'bad-message',
        message: `message type ${JSON.stringify(type)} is unknown, there are ${Message.act} (act), ${Message.sit} (sit), ${Message.stand} (stand)`,
        about: Number(type) || 0,
      });
    });
  }

  /** Every message passes here: not too many, of the right form, and if it is not obeyed the client is told why. */
  #on<T>(
    type: number,
    schema: z.ZodType<T>,
    handle: (client: Client, message: T) => Omit<Refused, 'about'> | null,
  ): void {
    this.onMessage(type, (client: Client, payload: unknown) => {
      if (!this.#admit(client, type)) return;
      const result = schema.safeParse(payload);
      const refused = result.success
        ? handle(client, result.data)
        : ({ code: 'bad-message', message: explain(result.error) } as const);
      if (refused !== null) this.#refuse(client, { ...refused, about: type });
    });
  }

  #admit(client: Client, type: number): boolean {
    let limit = this.#limits.get(client.sessionId);
    if (limit === undefined) {
      const { clock, tickRate } = this.#match.options;
      limit = new RateLimit(clock === 'lockstep' ? LOCKSTEP_MESSAGES : Math.max(60, 4 * tickRate));
      this.#limits.set(client.sessionId, limit);
    }
    switch (limit.admit(wallClock.now())) {
      case 'admitted':
        return true;
      case 'refused-first':
        this.#refuse(client, {
          code: 'too-fast',
          message: `more than ${limit.perSecond} messages a second: the rest is not read`,
          about: type,
        });
        return false;
      case 'refused':
        return false;
      case 'flood':
        client.leave(CloseCode.WITH_ERROR, 'too many messages');
        return false;
    }
  }

  #refuse(client: Client, refused: Refused): void {
    refusals.inc({ code: refused.code });
    client.send(Message.refused, refused);
  }

  #seated(client: Client, seated: Seated): void {
    client.send(Message.seated, seated);
  }

  #seatsChanged(): void {
    this.#refresh();
    this.#audience.tell(Message.seats, this.#describeSeats());
    // Somebody for whom the others waited may have gone.
    if (this.#pulse === null && this.#match.seats.humans > 0 && this.#everyoneActed()) this.#stepLockstep();
  }

  #refresh(): void {
    const holds = (sessionId: string) => this.#match.seats.seatOf(sessionId) >= 0;
    for (const client of this.#audience.refresh(holds)) {
      this.#refuse(client, {
        code: 'holds-seat',
        message:
          'you hold a seat here in another tab, so this one shows nothing: leave the seat there to watch',
        about: 0,
      });
    }
    if (this.#match.options.view === 'partial') this.#sendWindows(0);
  }

  #greet(client: Client): void {
    client.send(Message.history, this.#view.history());
    // With partial view there is at first nothing that spectators may see; the keyframe comes when it is due.
    if (this.#view.mirror.ready) {
      this.#audience.send(client, Message.keyframe, this.#view.mirror.encode(this.#writer));
    }
  }

  #onPulse(lateness: number): void {
    tickLateness.observe(lateness / 1000);
    this.#tick();
    const pace = this.#pulse?.pace;
    if (pace === undefined || pace.steady === this.#steady) return;
    this.#steady = pace.steady;
    const message: Pace = { hz: pace.hz, wanted: this.#match.options.tickRate, lateness: pace.lateness };
    this.#audience.tell(Message.pace, message);
    log.warn(
      { room: this.roomId, ...message },
      pace.steady ? 'room holds its rate again' : 'room cannot hold its rate',
    );
  }

  /** A fault in one room must not end the process, nor go on tick after tick: that room closes, and says so. */
  #tick(): void {
    try {
      this.#advance();
    } catch (error) {
      log.error(
        { room: this.roomId, error: (error as Error).message, stack: (error as Error).stack },
        'room fault',
      );
      this.#failed = true;
      this.#pulse?.stop();
      this.#close({
        reason: 'fault',
        message: 'This room has failed and closes. The fault is in the log of the arena.',
      });
      this.disconnect(CloseCode.WITH_ERROR);
    }
  }

  #advance(): void {
    const start = performance.now();
    const match = this.#match;
    this.#view.add(match.step());
    this.#sendWindows(1);
    if (match.environment.done) this.#endEpisode();
    for (const item of this.#view.release(match.over)) {
      if (item.kind === 'episode') this.#audience.tell(Message.episode, item.result, 'public');
      else this.#audience.publish(item.kind === 'tick' ? Message.tick : Message.keyframe, item.bytes);
    }
    if (match.over) this.#finish();
    stepTime.observe((performance.now() - start) / 1000);
  }

  #endEpisode(): void {
    const result = this.#match.endEpisode();
    this.#view.add({ kind: 'episode', result });
    // Who plays by window has seen all there was; the public comes to it in its own time.
    this.#audience.tell(Message.episode, result, 'seat');
    log.debug(
      { room: this.roomId, episode: result.episode, collectiveReturn: result.collectiveReturn },
      'episode over',
    );
    if (this.#match.over) return;
    // The next episode starts within the same tick, so that every tick has its step.
    this.#view.add(this.#match.startEpisode());
    this.#sendWindows(0);
  }

  #finish(): void {
    this.#pulse?.stop();
    this.#cancelLockstep?.();
    this.#cancelLockstep = null;
    this.#close({ reason: 'match-over', message: 'The match is over.' });
  }

  #close(closing: Closing): void {
    this.#audience.tell(Message.closing, closing);
  }

  /** Sends each seated client its own window. @param steps 1 after a step, 0 to one who has just sat down. */
  #sendWindows(steps: 0 | 1): void {
    const match = this.#match;
    if (match.options.view !== 'partial' || match.seats.humans === 0) return;
    const windows = match.look();
    const size = match.windowSize;
    for (const sessionId of match.seats.holders) {
      const client = this.#audience.clientOf(sessionId);
      if (client === undefined) continue;
      const seat = match.seats.seatOf(sessionId);
      const bytes = encodeWindow(this.#writer, {
        episode: match.episode,
        time: match.tick,
        facing: match.grid.facing(seat),
        outcome: steps === 1 ? match.grid.outcome(seat) : 0,
        reward: steps === 1 ? match.environment.rawRewards[seat]! : 0,
        total: match.metrics.returns[seat]!,
        window: windows.subarray(seat * size, (seat + 1) * size),
      });
      this.#audience.send(client, Message.window, bytes);
    }
  }

  #everyoneActed(): boolean {
    const { seats, actions, tick, over } = this.#match;
    if (over) return false;
    for (const sessionId of seats.holders) if (!actions.has(seats.seatOf(sessionId), tick)) return false;
    return seats.humans > 0;
  }

  /** With people the timeout, without any the tick rate, so that bots alone can be watched. */
  #armLockstep(): void {
    this.#cancelLockstep?.();
    const { options, seats } = this.#match;
    const wait = seats.humans > 0 ? options.lockstepTimeout * 1000 : 1000 / options.tickRate;
    this.#cancelLockstep = wallClock.after(wait, () => this.#stepLockstep());
  }

  #stepLockstep(): void {
    this.#tick();
    if (!this.#match.over && !this.#failed) this.#armLockstep();
  }

  #expireSeats(): void {
    if (this.#match.seats.expire(wallClock.now())) this.#seatsChanged();
  }

  #describeSeats() {
    return this.#match.seats.describe(Date.now() - wallClock.now());
  }

  #welcome(): Welcome {
    const { options, environment, grid } = this.#match;
    const definition = definitionOf(options.environment);
    return {
      protocol: PROTOCOL_VERSION,
      roomId: this.roomId,
      title: this.#title,
      environment: options.environment,
      environmentTitle: definition.title,
      summary: definition.summary,
      preset: options.preset,
      practice: options.seed !== undefined,
      demo: this.#demo,
      players: environment.players,
      tickRate: options.tickRate,
      clock: options.clock,
      view: options.view,
      spectatorDelay: options.view === 'partial' ? options.spectatorDelay : 0,
      seating: options.seating,
      episodeLength: options.episodeLength,
      episodes: options.episodes,
      width: grid.width,
      height: grid.height,
      actions: definition.actions,
      beamRadius: grid.beamRadius,
      window: grid.window,
      appleSites: grid.appleSites,
      seats: this.#describeSeats(),
    };
  }
}

/** @throws {ServerError} that says what is wrong with `raw` and where. */
function parse<T>(schema: z.ZodType<T>, raw: unknown, what: string): T {
  const result = schema.safeParse(raw ?? {});
  if (!result.success) throw new ServerError(BAD_REQUEST, `${what}: ${explain(result.error)}`);
  return result.data;
}
