/** What the widths of arrows mean, on the map's edge. */
import { arrowWidth } from '../arena/minds/geometry.ts';
import { el, svg } from '../dom.ts';

/** Examples, nats. */
const EXAMPLES = [1e-5, 1e-4, 1e-3, 1e-2] as const;

export function mindLegend(): HTMLElement {
  const sample = (nats: number) => {
    const half = arrowWidth(nats) / 2;
    const head = half * 1.2 + 2.9;
    return el(
      'span',
      { class: 'sample' },
      svg(
        'svg',
        { viewBox: '0 0 32 18', width: 32, height: 18, 'aria-hidden': 'true' },
        svg('path', {
          d: `M1 ${9 - half * 0.3}L${31 - 2 * head} ${9 - half}V${9 - head}L31 9L${31 - 2 * head} ${9 + head}V${9 + half}L1 ${9 + half * 0.3}Z`,
        }),
      ),
      el('span', { class: 'number' }, String(nats * 1000)),
    );
  };
  return el(
    'div',
    { class: 'mind-legend', hidden: true, 'data-testid': 'mind-legend' },
    ...EXAMPLES.map(sample),
    el('span', { class: 'quiet' }, 'influence, thousandths of a nat'),
  );
}
