/** The dialog that makes a room. Its fields are generated from the schemas that the server checks with. */
import { type RoomOptionsInput, roomOptionsSchema } from '../../shared/protocol/index.ts';
import { DILEMMAS, definitionOf } from '../../shared/registry.ts';
import { turnOptions } from '../../shared/turns.ts';
import type { PolicyCatalogue } from '../agents/catalogue.ts';
import type { FillingDialog } from '../agents/filling-dialog.ts';
import { placeOf } from '../agents/fit.ts';
import { el, setText } from '../dom.ts';
import { checkRoom, type Problems } from './check-room.ts';
import { type Field, fieldsOf, readField } from './fields.ts';
import { SeatTiles } from './seats.ts';

/** Room fields that everybody sees; the others are folded. */
const PLAIN = ['title', 'environment', 'preset', 'players', 'view', 'tickRate'];
/** Environment options that are the room's own fields, or that a room, where all act at once, has no use for. */
const LEFT_OUT = new Set(['players', 'episodeLength', ...Object.keys(turnOptions)]);
/** The room's own fields; who plays its seats is chosen by tiles instead. */
const ROOM_FIELDS = fieldsOf(roomOptionsSchema).filter((field) => field.name !== 'bots');

export class NewRoomDialog {
  readonly element: HTMLDialogElement;
  readonly #form = el('form', { method: 'dialog', class: 'form', novalidate: true });
  readonly #create: (room: RoomOptionsInput) => Promise<void>;
  /** What was typed, by field name; `options.NAME` for the environment's own. */
  readonly #typed = new Map<string, string>();
  readonly #notes = new Map<string, HTMLElement>();
  readonly #seats: SeatTiles;
  readonly #catalogue: PolicyCatalogue;
  readonly #environmentFields = el('div', { class: 'fields' });
  readonly #summary = el('p', { class: 'quiet summary' });
  readonly #failure = el('p', { class: 'problem', role: 'alert' });
  readonly #submit = el(
    'button',
    { class: 'primary', type: 'submit', 'data-testid': 'create' },
    'Create room',
  );

  constructor(
    create: (room: RoomOptionsInput) => Promise<void>,
    catalogue: PolicyCatalogue,
    fillings: FillingDialog,
  ) {
    this.#create = create;
    this.#catalogue = catalogue;
    this.#seats = new SeatTiles(
      catalogue,
      fillings,
      () => placeOf(this.#read()),
      () => this.#check(),
    );
    const plain = PLAIN.map((name) => ROOM_FIELDS.find((field) => field.name === name)!);
    const folded = ROOM_FIELDS.filter((field) => !PLAIN.includes(field.name));
    const cancel = el('button', { type: 'button', on: { click: () => this.element.close() } }, 'Cancel');
    this.#form.append(
      el('h2', { id: 'new-room-title' }, 'New room'),
      this.#summary,
      el('div', { class: 'fields' }, ...plain.map((field) => this.#row(field, ''))),
      el('fieldset', {}, el('legend', {}, 'Seats'), this.#seats.element, this.#note('bots')),
      el(
        'details',
        {},
        el('summary', {}, 'Advanced: clock, seating, episodes, recording'),
        el('div', { class: 'fields' }, ...folded.map((field) => this.#row(field, ''))),
      ),
      el('details', {}, el('summary', {}, 'Advanced: rules of the environment'), this.#environmentFields),
      this.#failure,
      el('div', { class: 'buttons end' }, cancel, this.#submit),
    );
    this.element = el('dialog', { class: 'sheet wide', 'aria-labelledby': 'new-room-title' }, this.#form);
    this.#form.addEventListener('submit', (event) => void this.#send(event));
    this.#showEnvironment();
    this.#check();
  }

  open(): void {
    setText(this.#failure, '');
    this.element.showModal();
    void this.#catalogue.refresh().then(() => {
      this.#seats.show();
      this.#check();
    });
  }

  get #environment() {
    return definitionOf(this.#typed.get('environment') ?? DILEMMAS[0]!.name);
  }

  /** @param scope '' for the room's fields, `options.` for the environment's. */
  #row(field: Field, scope: string): HTMLElement {
    const name = scope + field.name;
    const id = `field-${name.replace('.', '-')}`;
    const common = { id, name, 'aria-describedby': `${id}-help ${id}-note` };
    const input = this.#input(field, name, common);
    const change = () => {
      this.#typed.set(name, input.value);
      if (name === 'environment') this.#showEnvironment();
      if (name === 'preset') this.#showPreset();
      this.#check();
    };
    input.addEventListener('input', change);
    const note = this.#note(name);
    note.id = `${id}-note`;
    return el(
      'div',
      { class: field.kind === 'lines' ? 'field lines' : 'field' },
      el('label', { for: id }, field.label),
      input,
      note,
      el('p', { class: 'help', id: `${id}-help` }, field.help),
    );
  }

  #input(
    field: Field,
    name: string,
    common: Record<string, string>,
  ): HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement {
    const fallback = field.fallback;
    if (name === 'preset') return el('select', common);
    if (field.kind === 'choice' || field.kind === 'boolean') {
      const choices = field.kind === 'boolean' ? ['true', 'false'] : field.choices;
      const text = (choice: string) =>
        field.kind === 'boolean' ? (choice === 'true' ? 'yes' : 'no') : choice;
      const select = el(
        'select',
        common,
        ...choices.map((choice) =>
          el('option', { value: choice, selected: choice === String(fallback) }, text(choice)),
        ),
      );
      if (fallback === undefined)
        select.prepend(el('option', { value: '', selected: true }, 'as the rule says'));
      return select;
    }
    if (field.kind === 'lines')
      return el('textarea', { ...common, rows: 6, spellcheck: 'false', placeholder: 'the standard map' });
    const numeric = field.kind === 'integer' || field.kind === 'number';
    return el('input', {
      ...common,
      type: 'text',
      inputmode: numeric ? 'decimal' : null,
      autocomplete: 'off',
      placeholder: fallback === undefined ? '' : String(fallback),
    });
  }

  #note(name: string): HTMLElement {
    const note = el('p', { class: 'problem', 'aria-live': 'polite' });
    this.#notes.set(name, note);
    return note;
  }

  /** Another environment has other presets and options. */
  #showEnvironment(): void {
    const definition = this.#environment;
    setText(this.#summary, definition.summary);
    const preset = this.#form.elements.namedItem('preset') as HTMLSelectElement;
    preset.replaceChildren(
      ...Object.keys(definition.presets).map((name) => el('option', { value: name }, name)),
    );
    this.#typed.delete('preset');
    for (const name of this.#typed.keys()) if (name.startsWith('options.')) this.#typed.delete(name);
    const fields = fieldsOf(definition.schema).filter((field) => !LEFT_OUT.has(field.name));
    this.#environmentFields.replaceChildren(...fields.map((field) => this.#row(field, 'options.')));
    this.#seats.dropMisfits(definition.name);
  }

  /** The preset's values become the ones that hold where nothing is typed. */
  #showPreset(): void {
    const preset = this.#environment.presets[this.#typed.get('preset') ?? 'default'] ?? {};
    for (const field of fieldsOf(this.#environment.schema)) {
      const input = this.#form.elements.namedItem(`options.${field.name}`);
      const value = preset[field.name] ?? field.fallback;
      if (this.#typed.has(`options.${field.name}`) || value === undefined) continue;
      if (input instanceof HTMLSelectElement) input.value = String(value);
      else if (input instanceof HTMLInputElement) input.placeholder = String(value);
    }
  }

  /** The room as the form asks for it; what was not touched is left out, so that the schema's defaults hold. */
  #read(): RoomOptionsInput & { readonly environment: string } {
    const room: Record<string, unknown> = {
      environment: this.#environment.name,
      bots: [...this.#seats.fillings],
    };
    const options: Record<string, unknown> = {};
    const put = (fields: readonly Field[], scope: string, into: Record<string, unknown>) => {
      for (const field of fields) {
        const typed = this.#typed.get(scope + field.name);
        const value = typed === undefined ? undefined : readField(field, typed);
        if (value !== undefined) into[field.name] = value;
      }
    };
    put(ROOM_FIELDS, '', room);
    put(fieldsOf(this.#environment.schema), 'options.', options);
    if (Object.keys(options).length > 0) room.options = options;
    return room as RoomOptionsInput & { readonly environment: string };
  }

  /** As it goes to the arena: with what those who play here need to be told. */
  #room(): RoomOptionsInput & { readonly environment: string } {
    const room = this.#read();
    return this.#seats.reveals ? { ...room, options: { ...room.options, revealActions: true } } : room;
  }

  #check(): Problems {
    const players = Number(this.#typed.get('players')?.trim() || 5);
    if (Number.isInteger(players) && players >= 1 && players <= 240) this.#seats.resize(players);
    this.#seats.tell();
    const problems = new Map(checkRoom(this.#read()));
    const misplaced = this.#seats.misfit;
    if (misplaced !== null) problems.set('bots', misplaced);
    for (const [name, note] of this.#notes) {
      const problem = problems.get(name) ?? '';
      setText(note, problem);
      const input = this.#form.elements.namedItem(name);
      if (input instanceof Element) input.setAttribute('aria-invalid', String(problem !== ''));
    }
    this.#submit.disabled = problems.size > 0;
    return problems;
  }

  async #send(event: Event): Promise<void> {
    event.preventDefault();
    const problems = this.#check();
    if (problems.size > 0) return;
    this.#submit.disabled = true;
    setText(this.#failure, '');
    try {
      await this.#create(this.#room());
      this.element.close();
    } catch (error) {
      setText(
        this.#failure,
        `The room was not made: ${(error as Error).message || 'the arena does not answer, try again in a moment'}`,
      );
    } finally {
      this.#submit.disabled = false;
    }
  }
}
