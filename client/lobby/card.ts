/** One room in the lobby. */
import type { RoomSummary } from '../../shared/protocol/index.ts';
import type { MapColours } from '../arena/palette.ts';
import { el, setShare, setText, svg } from '../dom.ts';
import { format } from '../numbers.ts';
import { formatRoute } from '../route.ts';
import { paintPreview } from './preview.ts';

/** Below this share of its apples a commons reddens, fully so when nothing is left. */
const WANING = 0.35;

export class RoomCard {
  readonly element: HTMLElement;
  readonly #canvas = el('canvas', { role: 'img' });
  readonly #title = el('h3');
  readonly #tags = el('p', { class: 'tags' });
  readonly #people = el('p', { 'data-testid': 'who-plays' });
  readonly #seats = el('span');
  readonly #return = el('span', { class: 'number' });
  readonly #line = svg('polyline', {
    fill: 'none',
    'stroke-width': 2,
    'stroke-linejoin': 'round',
    'vector-effect': 'non-scaling-stroke',
  });
  readonly #area = svg('polygon', { stroke: 'none' });
  readonly #apples = el('span', { class: 'quiet number' });
  readonly #progress = el('div', { class: 'bar' }, el('i'));
  readonly #play: HTMLAnchorElement;
  #shown: RoomSummary['preview'] = null;

  constructor(room: RoomSummary) {
    const link = (seat: 'any' | null) => formatRoute({ page: 'room', roomId: room.roomId, seat, key: null });
    this.#play = el('a', { class: 'button primary', href: link('any'), 'data-testid': 'play' }, 'Play');
    const picture = el(
      'a',
      { class: 'picture', href: link(null), tabindex: -1, 'aria-hidden': 'true' },
      this.#canvas,
    );
    const sparkline = svg(
      'svg',
      { class: 'sparkline', viewBox: '0 0 100 24', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      this.#area,
      this.#line,
    );
    this.element = el(
      'article',
      {
        class: 'card',
        'data-testid': 'room-card',
        'data-room-id': room.roomId,
        'data-environment': room.environment,
      },
      picture,
      el('div', { class: 'card-head' }, this.#title, this.#tags),
      el('div', { class: 'card-chart' }, sparkline, this.#apples),
      this.#progress,
      el(
        'div',
        { class: 'card-foot' },
        el('div', {}, this.#people, el('p', { class: 'quiet' }, this.#seats, ' · return ', this.#return)),
        el(
          'div',
          { class: 'buttons' },
          el(
            'a',
            {
              class: 'button',
              href: link(null),
              'data-testid': 'watch',
              'aria-label': `Watch ${room.title}`,
            },
            'Watch',
          ),
          this.#play,
        ),
      ),
    );
  }

  update(room: RoomSummary, colours: MapColours): void {
    setText(this.#title, room.title);
    const tags = [
      room.environment,
      room.preset !== 'default' && room.preset,
      room.view === 'partial' && 'partial view',
      room.clock === 'lockstep' ? 'lockstep' : `${room.tickRate} Hz`,
      room.practice && 'practice',
      room.demo && 'demo',
    ];
    setText(this.#tags, tags.filter(Boolean).join(' · '));
    setText(this.#people, whoPlays(room));
    const open = room.openSeats === 0 ? 'no seat free' : `${room.openSeats} free`;
    setText(this.#seats, room.spectators > 0 ? `${open} · ${room.spectators} watching` : open);
    const unseen = room.preview === null;
    setText(this.#return, unseen ? '–' : format(room.collectiveReturn));
    setText(this.#apples, unseen ? '' : `${room.apples}/${room.appleSites} apples`);
    this.#play.classList.toggle('absent', room.openSeats === 0);
    const step = room.episodeLength > 0 ? room.step / room.episodeLength : 0;
    setShare(this.#progress.firstElementChild as HTMLElement, step);
    this.#progress.title = `episode ${room.episode + 1}, step ${room.step} of ${room.episodeLength}`;
    this.#drawSparkline(room);
    // With partial view the public sees the map late: at first not at all.
    this.element.classList.toggle('unseen', unseen);
    if (room.preview !== null && room.preview !== this.#shown) {
      paintPreview(this.#canvas, room.preview, colours);
      this.#canvas.setAttribute('aria-label', `Map of ${room.title}: ${room.apples} apples left`);
      this.#shown = room.preview;
    }
  }

  #drawSparkline({ appleHistory, apples, appleSites }: RoomSummary): void {
    const most = Math.max(1, appleSites);
    const samples = [...appleHistory, apples];
    const points = samples.map(
      (count, i) =>
        `${((i / Math.max(1, samples.length - 1)) * 100).toFixed(1)},${(23 - (22 * count) / most).toFixed(1)}`,
    );
    if (points.length === 1) points.push(`100,${points[0]!.split(',')[1]}`);
    this.#line.setAttribute('points', points.join(' '));
    this.#area.setAttribute('points', `0,24 ${points.join(' ')} 100,24`);
    // Some maps start bare: that is a collapse only once there was something to lose.
    const peak = Math.max(...samples);
    const share = peak === 0 ? 1 : apples / peak;
    const red = Math.round(Math.max(0, Math.min(1, (WANING - share) / WANING)) * 100);
    this.element.style.setProperty('--health', `color-mix(in oklab, var(--collapse) ${red}%, var(--accent))`);
    this.element.classList.toggle('collapsing', red > 60);
  }
}

/** `2 people, 1 agent, 2 trained`; whoever is left is a bot, or nobody. */
export function whoPlays({ humans, agents, trained, players }: RoomSummary): string {
  const parts = [
    humans > 0 && (humans === 1 ? '1 person' : `${humans} people`),
    agents > 0 && (agents === 1 ? '1 agent' : `${agents} agents`),
    trained > 0 && `${trained} trained`,
  ].filter((part) => part !== false);
  const rest = players - humans - agents - trained;
  if (parts.length === 0) return players === 1 ? '1 player' : `${players} players`;
  return rest > 0 ? `${parts.join(', ')}, ${rest} more` : parts.join(', ');
}
