/**
 * The authoritative room: lifecycle and messages. The game is a `Match`, what is public a `PublicView`, who sees what an
 * `Audience`, what clients may send a `Door`, when a tick comes a `Tempo`; this class only ties them together.
 */
import { randomBytes } from 'node:crypto';
import { type Client, CloseCode, Room, ServerError } from '@colyseus/core';
import * as z from 'zod';
import { PolicyError } from '../../agents/policies/card.ts';
import { explain, OptionsError } from '../../shared/definition.ts';
import { Outcome } from '../../shared/environment.ts';
import { ByteWriter } from '../../shared/protocol/bytes.ts';
import {
  actSchema,
  type Closing,
  consentSchema,
  encodeWindow,
  enterSchema,
  fillSchema,
  isTrained,
  MAX_TICKS_AHEAD,
  Message,
  mindsSchema,
  type Pace,
  type RoomOptions,
  type RoomSummary,
  roomOptionsSchema,
  type Seated,
  type SeatInfo,
  sitSchema,
} from '../../shared/protocol/index.ts';
import { definitionOf } from '../../shared/registry.ts';
import { Audience } from '../audience.ts';
import { directory, type ListedRoom } from '../directory.ts';
import { Door, type Refusal } from '../door.ts';
import { type Guest, Guests, type Visit } from '../guests.ts';
import { log } from '../log.ts';
import { Match } from '../match.ts';
import { bytesOut, stepTime, tickLateness } from '../metrics.ts';
import type { OpenPolicy } from '../policies/index.ts';
import { MindAskers } from '../policies/minds.ts';
import { openFillings, RoomPolicies, releaseAll } from '../policies/room.ts';
import { PublicView } from '../public-view.ts';
import { wallClock } from '../pulse.ts';
import { Recorder } from '../recordings/recorder.ts';
import type { Occupant, SeatRefusal } from '../seats.ts';
import { LockstepTempo, RealtimeTempo, type Tempo } from '../tempo.ts';
import { type RoomIdentity, summarizeRoom, welcomeTo } from './room-info.ts';

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
  #door!: Door;
  #guests!: Guests;
  #policies!: RoomPolicies;
  readonly #minds = new MindAskers();
  /** Of a room that records. */
  #recorder: Recorder | null = null;
  #tempo!: Tempo;
  #identity!: RoomIdentity;
  /** Proves that somebody came by a link that the creator handed out. */
  readonly #key = randomBytes(9).toString('base64url');
  #creatorEntered = false;
  readonly #writer = new ByteWriter();

  override async onCreate(raw: unknown): Promise<void> {
    refuseTooMany();
    const { room: options, internal } = parse(createSchema, raw, 'room');
    const match = makeMatch(options);
    const opened = options.bots.some(isTrained) ? await openPolicies(match) : [];
    const { grid, environment } = match;
    const demo = internal !== undefined;
    this.#match = match;
    this.#identity = {
      roomId: this.roomId,
      title: options.title ?? `${definitionOf(options.environment).title} ${this.roomId}`,
      demo,
    };
    this.autoDispose = !demo;
    this.#guests = this.#hostGuests();
    if (options.record) this.#recorder = this.#makeRecorder();
    // There is no Colyseus state to patch: what is sent are this room's own messages.
    this.patchRate = null;
    this.maxClients = directory.limits.maxClientsPerRoom;
    const partial = options.view === 'partial';
    this.#view = new PublicView(
      { width: grid.width, height: grid.height, players: environment.players, beamRadius: grid.beamRadius },
      partial ? options.spectatorDelay : 0,
      options.episodeLength,
    );
    this.#audience = new Audience(
      partial,
      (client) => this.#greet(client),
      (bytes) => bytesOut.inc(bytes),
    );
    this.#policies = new RoomPolicies(match, opened, {
      acted: () => this.#tempo.changed(),
      mind: (seat, bytes) => this.#view.add({ kind: 'mind', seat, bytes }),
    });
    this.#listen();
    this.#view.add(match.startEpisode());
    this.#view.release();
    this.#tempo = this.#makeTempo();
    this.#tempo.start();
    this.#askPolicies();
    this.setSimulationInterval(() => this.#expireSeats(), 1000);
    directory.rooms.add(this);
    const { environment: name, players } = options;
    log.info({ room: this.roomId, environment: name, players }, 'room created');
  }

  override onJoin(client: Client, raw: unknown): void {
    const { name = 'guest', identity = client.sessionId } = parse(enterSchema, raw, 'enter');
    this.#audience.enter(client, identity, name);
    client.send(
      Message.welcome,
      welcomeTo(this.#identity, this.#match, this.#describeSeats(client.sessionId)),
    );
    // Whoever made the room comes in first and may hand out its seats.
    const creator = !this.#creatorEntered && !this.#identity.demo;
    this.#creatorEntered = true;
    this.#seated(client, null, null, creator ? this.#key : null);
    this.#refresh();
  }

  override onDrop(client: Client): void {
    const seat = this.#match.seats.drop(client.sessionId, wallClock.now());
    if (seat >= 0) log.info({ room: this.roomId, seat }, 'player dropped');
    this.#gone(client, seat);
  }

  override onLeave(client: Client): void {
    this.#gone(client, this.#match.seats.stand(client.sessionId));
  }

  override onBeforeShutdown(): void {
    this.#close({ reason: 'shutdown', message: 'The arena is going down. Reload in a while.' });
    this.disconnect(CloseCode.SERVER_SHUTDOWN);
  }

  override onDispose(): void {
    // One that was refused never opened, and Colyseus may dispose of one twice while the process goes down.
    if (!directory.rooms.delete(this)) return;
    this.#tempo.stop();
    this.#guests.end({ code: 'no-room', message: 'The room is no more.' });
    this.#recorder?.close();
    this.#policies.close();
    log.info({ room: this.roomId }, 'room closed');
  }

  override onUncaughtException(error: Error, method: string): void {
    // A refusal to create or enter is an answer, not a fault.
    const cause = (error.cause ?? error) as Error;
    if (cause instanceof ServerError) return;
    log.error({ room: this.roomId, method, error: cause.message, stack: cause.stack }, 'room fault');
  }

  /** Lets somebody in who is no client of Colyseus; null where the room is full. */
  admit(guest: Guest): Visit | null {
    return this.#audience.size + this.#guests.size < this.maxClients ? this.#guests.admit(guest) : null;
  }

  /** Gives the room to whoever had it made: its key, which nobody who enters then gets any more. */
  handOver(): string {
    this.#creatorEntered = true;
    return this.#key;
  }

  summary(): RoomSummary {
    const clients = this.#audience.size + this.#guests.watchers;
    return summarizeRoom(this.#identity, this.#match, this.#view, clients);
  }

  picture(): RoomSummary {
    const { mirror } = this.#view;
    const { width, height } = mirror.shape;
    return { ...this.summary(), preview: mirror.ready ? { width, height, cells: mirror.picture() } : null };
  }

  #makeTempo(): Tempo {
    const { clock, tickRate, lockstepTimeout } = this.#match.options;
    if (clock === 'lockstep') {
      const { seats } = this.#match;
      const attendance = {
        anybody: () => seats.count() > 0,
        everybodyActed: () => this.#match.everybodyActed(),
        thinking: () => this.#policies.players.thinking,
      };
      return new LockstepTempo(lockstepTimeout, tickRate, attendance, () => this.#tick());
    }
    return new RealtimeTempo(
      tickRate,
      (lateness) => {
        tickLateness.observe(lateness / 1000);
        this.#tick();
      },
      ({ hz, lateness, steady }) => {
        const pace: Pace = { hz, wanted: tickRate, lateness };
        this.#audience.tell(Message.pace, pace);
        this.#guests.show(Message.pace, pace);
        log.warn(
          { room: this.roomId, ...pace },
          steady ? 'room holds its rate again' : 'room cannot hold its rate',
        );
      },
    );
  }

  #listen(): void {
    const { clock, tickRate } = this.#match.options;
    const { seats, actions } = this.#match;
    const { labels } = this.#match.environment.actionSpec as { labels: readonly string[] };
    this.#door = new Door(this, clock === 'lockstep' ? LOCKSTEP_MESSAGES : Math.max(60, 4 * tickRate));

    this.#listenToWatchers();

    this.#door.on(Message.act, actSchema, (client, { action, tick }) => {
      const seat = seats.seatOf(client.sessionId);
      if (seat < 0) return { code: 'no-seat', message: 'you hold no seat: send `sit` first' };
      if (action >= labels.length) {
        return {
          code: 'bad-action',
          message: `action ${action} is unknown, there are 0 to ${labels.length - 1}`,
        };
      }
      const now = this.#match.tick;
      const refused = actions.put(seat, action, now, tick);
      if (refused !== null) {
        const message = `the action is for tick ${tick}, the next is ${now}: give ${now} to ${now + MAX_TICKS_AHEAD}`;
        return { code: refused, message, tick: tick! };
      }
      this.#tempo.changed();
      return null;
    });

    this.#door.on(Message.sit, sitSchema, (client, { seat, token, key, name, record = false }) => {
      if (token !== undefined) return this.#takeBack(client, token);
      if (this.#audience.isBlind(client)) {
        return {
          code: 'holds-seat',
          message: 'you hold a seat here in another tab: one person sees one window',
        };
      }
      const who = name ?? this.#audience.nameOf(client.sessionId);
      const taken = this.#sit(client.sessionId, who, seat, key, 'human');
      if ('code' in taken) return taken;
      seats.consent(client.sessionId, record && this.#recorder !== null);
      this.#seated(client, taken.seat, taken.token);
      this.#seatsChanged();
      return null;
    });

    this.#door.on(Message.consent, consentSchema, (client, { record }) => {
      const seat = seats.seatOf(client.sessionId);
      if (seat < 0) return { code: 'no-seat', message: 'you hold no seat: nothing of you is recorded' };
      if (record && this.#recorder === null) {
        return { code: 'bad-message', message: 'this room records nobody: make one with `record`' };
      }
      seats.consent(client.sessionId, record);
      if (!record) this.#recorder?.withdraw(seat);
      this.#seatsChanged();
      return null;
    });

    this.#door.on(Message.stand, z.unknown(), (client) => {
      const seat = seats.stand(client.sessionId);
      if (seat < 0) return { code: 'no-seat', message: 'you hold no seat' };
      actions.clear(seat);
      this.#seated(client, null, null);
      this.#seatsChanged();
      return null;
    });
  }

  #listenToWatchers(): void {
    const { players } = this.#match.environment;

    this.#door.on(Message.fill, fillSchema, (client, { seat, filling, key }) => {
      if (key !== this.#key) {
        return { code: 'wrong-key', message: 'only whoever made the room says what plays its seats' };
      }
      // A policy may have to be opened first.
      void this.#policies.fill(seat, filling).then((refusal) => {
        if (refusal !== null) this.#door.refuse(client, { ...refusal, about: Message.fill });
        else if (directory.rooms.has(this)) this.#seatsChanged();
      });
      return null;
    });

    this.#door.on(Message.minds, mindsSchema, (client, { seats }) => {
      const none = seats.find((seat) => seat >= players);
      if (none !== undefined) {
        return { code: 'no-seat', message: `there is no seat ${none}, the room has 0 to ${players - 1}` };
      }
      this.#minds.set(client.sessionId, seats);
      return null;
    });
  }

  /** What trained players see goes out, and what they do comes in before the next tick, or too late for it. */
  #askPolicies(): void {
    const { players } = this.#policies;
    players.show(this.#minds.seats((client) => this.#audience.isPublic(client)));
    players.ask();
  }

  /** Seats a client or a guest, as the room's seating allows. */
  #sit(
    holder: string,
    name: string,
    wanted: number | undefined,
    key: string | undefined,
    occupant: Occupant,
  ): { seat: number; token: string } | SeatRefusal {
    const { seats, actions, options } = this.#match;
    if (options.seating === 'nobody')
      return { code: 'seating-closed', message: 'only bots play here: watch instead' };
    if (options.seating === 'link' && key !== this.#key) {
      return { code: 'wrong-key', message: 'seats here go by link: ask whoever made the room for it' };
    }
    const taken = seats.sit(holder, name, wanted, occupant);
    if ('seat' in taken) actions.clear(taken.seat);
    return taken;
  }

  /** Gives a seat back to whoever has its token, and takes it from the connection that has it. */
  #reclaim(holder: string, token: string): { seat: number; token: string } | SeatRefusal {
    const back = this.#match.seats.takeBack(holder, token);
    if ('code' in back || back.ousted === null) return back;
    const ousted = this.#audience.clientOf(back.ousted);
    if (ousted !== undefined) this.#seated(ousted, null, null);
    else this.#guests.oust(back.ousted);
    return back;
  }

  #makeRecorder(): Recorder {
    return new Recorder({
      match: this.#match,
      roomId: this.roomId,
      folder: directory.recordings,
      failed: (seat, { message }) => {
        log.error({ room: this.roomId, seat, error: message }, 'recording ended');
        // Nobody is to believe that what they do is kept.
        this.#match.seats.stopRecording(seat);
        this.#seatsChanged();
      },
    });
  }

  #hostGuests(): Guests {
    const match = this.#match;
    const { seats, actions, options } = match;
    const told = <T extends object>(outcome: T): T => {
      if (!('code' in outcome)) this.#seatsChanged();
      return outcome;
    };
    return new Guests({
      match,
      partial: options.view === 'partial',
      welcome: (holder) => welcomeTo(this.#identity, match, this.#describeSeats(holder)),
      sit: (holder, name, wanted, key) => told(this.#sit(holder, name, wanted, key, 'agent')),
      takeBack: (holder, token) => told(this.#reclaim(holder, token)),
      stand: (holder, lost) => {
        const seat = lost ? seats.drop(holder, wallClock.now()) : seats.stand(holder);
        if (seat < 0) return;
        actions.clear(seat);
        this.#seatsChanged();
      },
      acted: () => this.#tempo.changed(),
      greeting: () => {
        const { mirror } = this.#view;
        if (!mirror.ready) return null;
        return { history: this.#view.history(), keyframe: mirror.encode(this.#writer) };
      },
      changed: () => {
        this.autoDispose = !this.#identity.demo && this.#guests.size === 0;
      },
    });
  }

  #takeBack(client: Client, token: string): Refusal | null {
    const back = this.#reclaim(client.sessionId, token);
    if ('code' in back) return back;
    this.#seated(client, back.seat, back.token);
    this.#seatsChanged();
    return null;
  }

  #seated(client: Client, seat: number | null, token: string | null, key: string | null = null): void {
    const seated: Seated = { seat, token, key };
    client.send(Message.seated, seated);
  }

  /** A client has left. @param seat the one that it held, or -1. */
  #gone(client: Client, seat: number): void {
    this.#door.forget(client);
    this.#minds.forget(client.sessionId);
    this.#audience.leave(client);
    if (seat >= 0) this.#match.actions.clear(seat);
    this.#seatsChanged();
  }

  #seatsChanged(): void {
    this.#refresh();
    for (const client of this.clients) client.send(Message.seats, this.#describeSeats(client.sessionId));
    this.#guests.show(Message.seats, this.#describeSeats(''));
    this.#tempo.changed();
  }

  #refresh(): void {
    const { seats, options } = this.#match;
    for (const client of this.#audience.refresh((sessionId) => seats.seatOf(sessionId) >= 0)) {
      this.#door.refuse(client, {
        code: 'holds-seat',
        message:
          'you hold a seat here in another tab, so this one shows nothing: leave the seat there to watch',
        about: 0,
      });
    }
    if (options.view === 'partial') this.#sendWindows('now');
  }

  #greet(client: Client): void {
    client.send(Message.history, this.#view.history());
    // With partial view there is at first nothing that spectators may see; the keyframe comes when it is due.
    const { mirror } = this.#view;
    if (mirror.ready) this.#audience.send(client, Message.keyframe, mirror.encode(this.#writer));
  }

  /** A fault in one room must not end the process, nor go on tick after tick: that room closes, and says so. */
  #tick(): void {
    try {
      this.#advance();
    } catch (error) {
      const { message, stack } = error as Error;
      log.error({ room: this.roomId, error: message, stack }, 'room fault');
      this.#tempo.stop();
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
    const { episode, tick } = match;
    this.#view.add(this.#recorder?.step() ?? match.step());
    this.#policies.players.stepped(episode, tick);
    this.#sendWindows('stepped');
    this.#guests.observe('stepped');
    if (match.environment.done) this.#endEpisode();
    for (const item of this.#view.release(match.over)) {
      if (item.kind === 'mind') {
        this.#audience.whisper(Message.mind, item.bytes, (client) => this.#minds.wants(client, item.seat));
      } else if (item.kind === 'episode') {
        this.#audience.tell(Message.episode, item.result, 'public');
        this.#guests.show(Message.episode, item.result);
      } else {
        const type = item.kind === 'tick' ? Message.tick : Message.keyframe;
        this.#audience.publish(type, item.bytes);
        this.#guests.show(type, item.bytes);
      }
    }
    this.#askPolicies();
    if (match.over) {
      this.#tempo.stop();
      this.#close({ reason: 'match-over', message: 'The match is over.' });
    }
    stepTime.observe((performance.now() - start) / 1000);
  }

  #endEpisode(): void {
    const match = this.#match;
    const result = match.endEpisode();
    this.#view.add({ kind: 'episode', result });
    // Who plays by window has seen all there was; the public comes to it in its own time.
    this.#audience.tell(Message.episode, result, 'seat');
    const { episode, collectiveReturn } = result;
    log.debug({ room: this.roomId, episode, collectiveReturn }, 'episode over');
    if (match.over) return;
    // The next episode starts within the same tick, so that every tick has its step.
    this.#view.add(match.startEpisode());
    this.#sendWindows('now');
    this.#guests.observe('now');
  }

  /** Sends each seated client its own window, with what the last step came to or without. */
  #sendWindows(when: 'stepped' | 'now'): void {
    const match = this.#match;
    if (match.options.view !== 'partial' || match.seats.count() === 0) return;
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
        outcome: when === 'stepped' ? match.grid.outcome(seat) : Outcome.stayed,
        reward: when === 'stepped' ? match.environment.rawRewards[seat]! : 0,
        total: match.metrics.returns[seat]!,
        window: windows.subarray(seat * size, (seat + 1) * size),
      });
      this.#audience.send(client, Message.window, bytes);
    }
  }

  #close(closing: Closing): void {
    this.#audience.tell(Message.closing, closing);
    this.#guests.show(Message.closing, closing);
    if (closing.reason === 'match-over') this.#guests.finish(closing.message);
    else this.#guests.end({ code: 'no-room', message: closing.message });
  }

  #expireSeats(): void {
    if (this.#match.seats.expire(wallClock.now())) this.#seatsChanged();
  }

  /** As a client or a guest may know them. */
  #describeSeats(holder: string): SeatInfo[] {
    const { seats, options } = this.#match;
    const own = seats.seatOf(holder);
    const hides = (seat: number) => options.view === 'partial' && seat !== own;
    return seats.describe(Date.now() - wallClock.now(), hides);
  }
}

/** @throws {ServerError} where one room more is one too many. */
function refuseTooMany(): void {
  const { rooms, limits } = directory;
  if (rooms.size < limits.maxRooms) return;
  throw new ServerError(
    TOO_MANY,
    `there are ${rooms.size} rooms, as many as this arena takes: join one of them`,
  );
}

/** @throws {ServerError} for trained policies that there are not, or that do not fit the room. */
async function openPolicies(match: Match): Promise<readonly (OpenPolicy | null)[]> {
  let opened: readonly (OpenPolicy | null)[] = [];
  try {
    opened = await openFillings(match);
    // Others may have been made meanwhile.
    refuseTooMany();
    return opened;
  } catch (error) {
    releaseAll(opened);
    throw error instanceof PolicyError ? new ServerError(BAD_REQUEST, `room: bots: ${error.message}`) : error;
  }
}

/** @throws {ServerError} for options that the environment does not take. */
function makeMatch(options: RoomOptions): Match {
  try {
    return new Match(options);
  } catch (error) {
    throw error instanceof OptionsError ? new ServerError(BAD_REQUEST, error.message) : error;
  }
}

/** @throws {ServerError} that says what is wrong with `raw` and where. */
function parse<T>(schema: z.ZodType<T>, raw: unknown, what: string): T {
  const result = schema.safeParse(raw ?? {});
  if (!result.success) throw new ServerError(BAD_REQUEST, `${what}: ${explain(result.error)}`);
  return result.data;
}
