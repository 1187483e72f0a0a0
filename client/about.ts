/** What this is, for whoever asks. */
import { DILEMMAS } from '../shared/registry.ts';
import { el } from './dom.ts';

export function aboutDialog(): HTMLDialogElement {
  const dialog = el(
    'dialog',
    { class: 'sheet', 'aria-labelledby': 'about-title' },
    el('h2', { id: 'about-title' }, 'What is this?'),
    el(
      'p',
      {},
      'Games in which what is good for one is bad for all. People, bots and learned policies play them together, ' +
        'by the same rules and with the same actions, so that one can see what keeps a commons alive.',
    ),
    ...DILEMMAS.map((definition) =>
      el(
        'section',
        {},
        el('h3', {}, definition.title),
        el('p', {}, definition.summary),
        el('p', { class: 'quiet' }, definition.source),
      ),
    ),
    el(
      'section',
      {},
      el('h3', {}, 'How it is measured'),
      el(
        'p',
        {},
        'Collective return: the sum of all rewards. Equality: 1 if all N ate as much, 1/N if one ate all. ' +
          'Sustainability: the mean step at which apples were eaten; late is good. Apples and waste: how the commons is.',
      ),
    ),
    el('form', { method: 'dialog', class: 'buttons end' }, el('button', { class: 'primary' }, 'Close')),
  );
  return dialog;
}
