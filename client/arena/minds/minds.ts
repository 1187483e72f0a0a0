/** Minds on the page of a room: what opens them, the arrows' legend, and the layer over the map, which is loaded with the first. */
import { mindLegend } from '../../hud/mind-legend.ts';
import type { RoomSession } from '../../session.ts';
import type { Board } from '../board.ts';
import type { MindsInView } from '../debug-view.ts';
import { MindChoice } from './choice.ts';
import type { MindLayer } from './layer.ts';

export class Minds {
  readonly choice: MindChoice;
  readonly legend = mindLegend();
  readonly #session: RoomSession;
  readonly #board: () => Board;
  readonly #stops: readonly (() => void)[];
  #layer: MindLayer | null = null;
  #loading = false;
  #gone = false;

  /** @param board asked for once something is opened. */
  constructor(session: RoomSession, board: () => Board) {
    this.#session = session;
    this.#board = board;
    this.choice = new MindChoice(session);
    this.#stops = [
      this.choice.changed.on(() => this.#changed()),
      session.minds.changed.on(() => this.#refresh()),
    ];
  }

  destroy(): void {
    this.#gone = true;
    for (const stop of this.#stops) stop();
    this.choice.destroy();
  }

  /** The seat whose mind is open. */
  get selected(): number | null {
    return this.choice.selected;
  }

  get view(): MindsInView {
    return { asked: this.choice.shown, drawn: this.#layer?.drawn() ?? null };
  }

  /**
   * Opens the mind of a player that was chosen, or closes it; where nobody was, closes the one that is open.
   * @returns whether there was something of the kind to do.
   */
  pick(player: number | null): boolean {
    const { choice } = this;
    if (player === null ? choice.selected === null : !choice.has(player)) return false;
    if (player === null) choice.close();
    else choice.toggle(player);
    return true;
  }

  /** @returns whether the key was one of ours. */
  key(event: KeyboardEvent): boolean {
    if (event.key === 'Escape') this.choice.close();
    else if (event.code !== 'KeyM') return false;
    else if (event.shiftKey) this.choice.toggleAll();
    else this.choice.next();
    return true;
  }

  #changed(): void {
    if (this.choice.shown.length > 0 && !this.#loading) void this.#load();
    this.#refresh();
  }

  async #load(): Promise<void> {
    this.#loading = true;
    const { MindLayer } = await import('./layer.ts');
    if (this.#gone) return;
    this.#layer = new MindLayer(this.#session, this.choice);
    this.#board().add(this.#layer);
  }

  #refresh(): void {
    const { minds } = this.#session;
    this.legend.hidden = !this.choice.shown.some((seat) => minds.of(seat)?.influence.length);
    if (this.#layer === null) return;
    this.#layer.refresh();
    this.#board().wake();
  }
}
