/**
 * The authoritative room: lifecycle and messages. The game is a `Match`, what is public a `PublicView`, who sees what an
 * `Audience`, what clients may send a `Door`, what they are answered `requests.ts`, when a tick comes a `Tempo`; this class only
 * ties them together.
 */
import { type Client, CloseCode, Room, ServerError } from '@colyseus/core';
import { ByteWriter } from '../../shared/protocol/bytes.ts';
import {
  type Closing,
  isTrained,
  Message,
  type Pace,
  type RoomSummary,
  type Seated,
  type SeatInfo,
} from '../../shared/protocol/index.ts';
import { definitionOf } from '../../shared/registry.ts';
import { Audience } from '../audience.ts';
import { directory, type ListedRoom } from '../directory.ts';
import { Door } from '../door.ts';
import { type Guest, Guests, type Visit } from '../guests.ts';
import { log } from '../log.ts';
import type { Match } from '../match.ts';
import { bytesOut, stepTime, tickLateness } from '../metrics.ts';
import { MindAskers } from '../policies/minds.ts';
import { RoomPolicies } from '../policies/room.ts';
import { PublicView } from '../public-view.ts';
import { wallClock } from '../pulse.ts';
import { Recorder } from '../recordings/recorder.ts';
import { Seating, type Sitting } from '../seating.ts';
import type { Occupant, SeatRefusal } from '../seats.ts';
import { LockstepTempo, RealtimeTempo, type Tempo } from '../tempo.ts';
import { makeMatch, openPolicies, readEntry, readWish, refuseTooMany } from './admission.ts';
import { answerRequests } from './requests.ts';
import { type RoomIdentity, summarizeRoom, welcomeTo } from './room-info.ts';
import { sendWindows } from './windows.ts';

/** Messages a second that are read from a client of a lockstep room, which goes as fast as its players. */
const LOCKSTEP_MESSAGES = 5000;

export class ArenaRoom extends Room implements ListedRoom {
  #match!: Match;
  #view!: PublicView;
  #audience!: Audience;
  #door!: Door;
  #seating!: Seating;
  #guests!: Guests;
  #policies!: RoomPolicies;
  readonly #minds = new MindAskers();
  /** Of a room that records. */
  #recorder: Recorder | null = null;
  #tempo!: Tempo;
  #identity!: RoomIdentity;
  #creatorEntered = false;
  readonly #writer = new ByteWriter();

  override async onCreate(raw: unknown): Promise<void> {
    refuseTooMany();
    const { room: options, internal } = readWish(raw);
    const match = makeMatch(options);
    const opened = options.bots.some(isTrained) ? await openPolicies(match) : [];
    const { grid, environment } = match;
    const demo = internal !== undefined;
    this.#match = match;
    this.#seating = new Seating(match);
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
    this.#door = this.#openDoor();
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
    const { name = 'guest', identity = client.sessionId } = readEntry(raw);
    this.#audience.enter(client, identity, name);
    client.send(
      Message.welcome,
      welcomeTo(this.#identity, this.#match, this.#describeSeats(client.sessionId)),
    );
    // Whoever made the room comes in first and may hand out its seats.
    const creator = !this.#creatorEntered && !this.#identity.demo;
    this.#creatorEntered = true;
    this.#seated(client, null, null, creator ? this.#seating.key : null);
    this.#refresh();
  }

  override onDrop(client: Client): void {
    const seat = this.#seating.stand(client.sessionId, wallClock.now());
    if (seat >= 0) log.info({ room: this.roomId, seat }, 'player dropped');
    this.#gone(client);
  }

  override onLeave(client: Client): void {
    this.#seating.stand(client.sessionId);
    this.#gone(client);
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
    return this.#seating.key;
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

  #openDoor(): Door {
    const { clock, tickRate } = this.#match.options;
    const door = new Door(this, clock === 'lockstep' ? LOCKSTEP_MESSAGES : Math.max(60, 4 * tickRate));
    answerRequests(door, {
      match: this.#match,
      seating: this.#seating,
      audience: this.#audience,
      policies: this.#policies,
      minds: this.#minds,
      recorder: this.#recorder,
      seated: (client, seat, token) => this.#seated(client, seat, token),
      reclaim: (holder, token) => this.#reclaim(holder, token, 'human'),
      seatsChanged: () => {
        if (directory.rooms.has(this)) this.#seatsChanged();
      },
      acted: () => this.#tempo.changed(),
    });
    return door;
  }

  /** What trained players see goes out, and what they do comes in before the next tick, or too late for it. */
  #askPolicies(): void {
    const { players } = this.#policies;
    players.show(this.#minds.seats((client) => this.#audience.isPublic(client)));
    players.ask();
  }

  /** Gives a seat back to whoever has its token, and takes it from the connection that has it. */
  #reclaim(holder: string, token: string, occupant: Occupant): Sitting | SeatRefusal {
    const back = this.#match.seats.takeBack(holder, token, occupant);
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
    const told = <T extends object>(outcome: T): T => {
      if (!('code' in outcome)) this.#seatsChanged();
      return outcome;
    };
    return new Guests({
      match,
      partial: match.options.view === 'partial',
      welcome: (holder) => welcomeTo(this.#identity, match, this.#describeSeats(holder)),
      sit: (holder, name, wanted, key) => told(this.#seating.sit(holder, name, wanted, key, 'agent')),
      takeBack: (holder, token) => told(this.#reclaim(holder, token, 'agent')),
      stand: (holder, lost) => {
        if (this.#seating.stand(holder, lost ? wallClock.now() : null) >= 0) this.#seatsChanged();
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

  #seated(client: Client, seat: number | null, token: string | null, key: string | null = null): void {
    const seated: Seated = { seat, token, key };
    client.send(Message.seated, seated);
  }

  /** A client has left, and holds no seat. */
  #gone(client: Client): void {
    this.#door.forget(client);
    this.#minds.forget(client.sessionId);
    this.#audience.leave(client);
    this.#seatsChanged();
  }

  #seatsChanged(): void {
    this.#recorder?.settle();
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

  #sendWindows(when: 'stepped' | 'now'): void {
    sendWindows(this.#match, this.#audience, this.#writer, when);
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
