/** The column beside the map: players, the commons, its charts; and the feed, which lies elsewhere on the page. */
import { ActionKind } from '../../shared/grid/actions.ts';
import { ClassId } from '../../shared/palette.ts';
import type { Welcome } from '../../shared/protocol/index.ts';
import type { PolicyCatalogue } from '../agents/catalogue.ts';
import { FillingDialog } from '../agents/filling-dialog.ts';
import type { MindChoice } from '../arena/minds/choice.ts';
import { el } from '../dom.ts';
import type { RoomSession } from '../session.ts';
import type { Charts } from './charts.ts';
import { ConsentDialog, ConsentLine } from './consent.ts';
import { FeedModel, FeedView } from './feed.ts';
import { Meters } from './meters.ts';
import { MindSection } from './mind.ts';
import { briefNameOf, isFree } from './names.ts';
import { Scoreboard } from './scoreboard.ts';
import { Series } from './series.ts';

/** Scores, meters, feed, charts. */
const PARTS = 4;

export interface PanelActions {
  follow(player: number): void;
  /** On the given seat, or the first free one. */
  sit(seat: number | null): void;
  stand(): void;
  /** To the given seat, or the room. */
  copyLink(seat: number | null): void;
}

export class Panel {
  readonly element: HTMLElement;
  readonly scoreboard: Scoreboard;
  readonly feed: FeedView;
  readonly #session: RoomSession;
  readonly #feedModel = new FeedModel();
  readonly #take: HTMLButtonElement;
  readonly #leave: HTMLButtonElement;
  readonly #commons = el('section', { class: 'commons', 'aria-label': 'Commons' });
  readonly #veil = el(
    'p',
    { class: 'quiet veil', hidden: true },
    'You see your own window, as an agent would. The others’ returns and the charts are for those who watch.',
  );
  readonly #catalogue: PolicyCatalogue;
  readonly #minds: MindSection;
  readonly #fillings: FillingDialog;
  readonly #consent: ConsentDialog;
  readonly #consentLine: ConsentLine;
  readonly #stop: (() => void)[];
  #series = new Series(4);
  #sample = new Float64Array(4);
  #meters: Meters | null = null;
  #charts: Charts | null = null;
  #part = 0;
  /** Parts that have not been written since the last step. */
  #fresh = PARTS;

  constructor(session: RoomSession, catalogue: PolicyCatalogue, choice: MindChoice, actions: PanelActions) {
    this.#session = session;
    this.#catalogue = catalogue;
    this.#minds = new MindSection(session, choice);
    this.scoreboard = new Scoreboard({ ...actions, fill: (seat) => void this.#fill(seat) });
    this.#fillings = new FillingDialog(catalogue);
    this.#consent = new ConsentDialog(session);
    this.#consentLine = new ConsentLine(session);
    this.feed = new FeedView(this.#feedModel);
    this.#take = el(
      'button',
      {
        type: 'button',
        class: 'primary',
        hidden: true,
        'data-testid': 'take-seat',
        on: { click: () => actions.sit(null) },
      },
      'Take a seat',
    );
    this.#leave = el(
      'button',
      { type: 'button', hidden: true, 'data-testid': 'leave-seat', on: { click: () => actions.stand() } },
      'Leave seat',
    );
    const copy = el(
      'button',
      { type: 'button', 'data-testid': 'copy-link', on: { click: () => actions.copyLink(null) } },
      'Copy link',
    );
    this.element = el(
      'aside',
      { class: 'panel' },
      el(
        'section',
        { 'aria-label': 'Players' },
        el(
          'div',
          { class: 'section-head' },
          el('h2', {}, 'Players'),
          el('div', { class: 'buttons' }, copy, this.#take, this.#leave),
        ),
        this.scoreboard.element,
        this.#consentLine.element,
      ),
      this.#minds.element,
      this.#commons,
      this.#veil,
      this.#fillings.element,
      this.#consent.element,
    );
    this.#stop = [
      session.keyframed.on(() => this.#keyframe()),
      catalogue.changed.on(() => this.#showSeats()),
    ];
  }

  destroy(): void {
    for (const stop of this.#stop) stop();
    this.#minds.destroy();
    this.#charts?.destroy();
  }

  welcome(welcome: Welcome): void {
    const width = welcome.players + 4;
    this.#series = new Series(width);
    this.#sample = new Float64Array(width);
    const hasWaste = welcome.actions.length > ActionKind.clean;
    this.#meters = new Meters(welcome.appleSites.length, hasWaste);
    this.#charts?.destroy();
    this.#charts = null;
    this.#commons.replaceChildren(
      el('div', { class: 'section-head' }, el('h2', {}, 'Commons')),
      this.#meters.element,
    );
    void import('./charts.ts').then(({ Charts }) => {
      if (this.#session.welcome !== welcome) return;
      this.#charts = new Charts(welcome.players, hasWaste);
      this.#commons.append(this.#charts.element);
      this.#charts.updateAll(this.#series);
    });
    this.changed();
    if (this.#session.mirror?.ready) this.#keyframe();
  }

  /** Seats, or what we may do with them. */
  changed(): void {
    if (this.#session.welcome === null) return;
    this.#showSeats();
    this.#minds.changed();
    this.#consent.update();
    this.#consentLine.update();
    this.#commons.hidden = this.#session.inWindow;
    this.feed.element.hidden = this.#session.inWindow;
    this.#veil.hidden = !this.#session.inWindow;
    this.#fresh = PARTS;
  }

  #showSeats(): void {
    const { seats, seat, welcome, status, key } = this.#session;
    if (welcome === null) return;
    const may =
      status === 'live' &&
      seat === null &&
      (welcome.seating === 'anyone' || (welcome.seating === 'link' && key !== null));
    this.#take.hidden = !(may && seats.some(isFree));
    this.#leave.hidden = seat === null;
    const rights = {
      sitting: may,
      sharing: welcome.seating === 'anyone' || key !== null,
      filling: key !== null && status === 'live',
    };
    this.scoreboard.seats(seats, seat, rights, {
      environment: welcome.environment,
      failureOf: (filling) => this.#catalogue.failureOf(filling),
    });
  }

  async #fill(seat: number): Promise<void> {
    const { welcome, seats } = this.#session;
    if (welcome === null) return;
    const { environment, players, view, window } = welcome;
    const filling = await this.#fillings.ask({
      title: `seat ${seat + 1}`,
      current: seats[seat]!.filling,
      place: { environment, players, view, window },
    });
    if (filling !== null && filling !== seats[seat]!.filling) this.#session.fill(seat, filling);
  }

  /** The mirror is a step further. */
  step(): void {
    const mirror = this.#session.mirror!;
    this.#feedModel.step(mirror.events, mirror.rewards, mirror.time);
    this.#record();
    this.#fresh = PARTS;
  }

  /**
   * Writes a part of the numbers, the next one at each call: all at once would be felt in a frame. Charts, which cost
   * most, take turns among themselves.
   */
  refresh(): void {
    const { mirror, window, inWindow, seat, seats, welcome } = this.#session;
    if (inWindow) {
      this.scoreboard.returns((player) => (player === seat ? (window?.total ?? 0) : null));
      return;
    }
    this.#minds.refresh();
    if (mirror === null || !mirror.ready || this.#fresh === 0) return;
    this.#fresh--;
    this.#part = (this.#part + 1) % PARTS;
    if (this.#part === 0) this.scoreboard.returns((player) => mirror.metrics.returns[player]!);
    else if (this.#part === 1) this.#meters?.update(mirror, mirror.metrics.outcome());
    else if (this.#part === 2)
      this.feed.update((player) => briefNameOf(seats, player, welcome?.environment ?? ''));
    else this.#charts?.update(this.#series);
  }

  repaint(): void {
    this.#charts?.rebuild();
    this.#charts?.updateAll(this.#series);
  }

  /** Another episode, or the first one we see, with its history if the room told it. */
  #keyframe(): void {
    const { history, mirror } = this.#session;
    this.#feedModel.clear();
    if (history !== null && mirror !== null && mirror.time > 0) this.#series.restore(history);
    else this.#series.clear();
    this.#session.history = null;
    this.#record();
    this.#charts?.updateAll(this.#series);
    this.#fresh = PARTS;
  }

  #record(): void {
    const mirror = this.#session.mirror!;
    const n = mirror.shape.players;
    const outcome = mirror.metrics.outcome();
    this.#sample.set(mirror.metrics.returns);
    this.#sample[n] = outcome.equality;
    this.#sample[n + 1] = outcome.sustainability;
    this.#sample[n + 2] = mirror.count(ClassId.apple);
    this.#sample[n + 3] = mirror.count(ClassId.waste);
    this.#series.add(mirror.time, this.#sample);
  }
}
