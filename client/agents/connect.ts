/** How somebody's own program comes to play here: commands and code to copy, with this arena's address in them. */
import { el, toast } from '../dom.ts';

interface Recipe {
  readonly title: string;
  readonly text: string;
  readonly code: string;
}

/** @param arena address of the arena, with a slash at the end. */
function recipes(arena: string): Recipe[] {
  const url = arena.replace(/\/$/, '');
  return [
    {
      title: 'TypeScript',
      text: 'Plays a seat of a room at the room’s own clock.',
      code: `import { connectPlayer } from './agents/client/index.ts';

const player = await connectPlayer({
  url: '${url}',
  token: process.env.ARENA_TOKEN!,
  room: 'ROOM',
});
for await (const view of player) player.act(2);`,
    },
    {
      title: 'Python',
      text: 'A PettingZoo environment that steps as fast as both sides go.',
      code: `import commons_arena

env = commons_arena.parallel_env("${url}", TOKEN, environment="harvest")
observations, infos = env.reset(seed=1)
while env.agents:
    actions = {agent: env.action_space(agent).sample() for agent in env.agents}
    observations, rewards, terminations, truncations, infos = env.step(actions)`,
    },
    {
      title: 'Command line',
      text: 'Runs a trained policy of your own against whoever is in the room.',
      code: `npx arena play --policy runs/mine --room "${url}/#/room/ROOM" --token TOKEN`,
    },
  ];
}

export function connectSection(arena: string): HTMLElement {
  return el(
    'section',
    { class: 'connect', 'aria-labelledby': 'connect-title' },
    el('h2', { class: 'group-title', id: 'connect-title' }, 'Connect your own'),
    el(
      'div',
      { class: 'recipes' },
      recipe({
        title: '1. A token',
        text: 'Whoever runs this arena makes one; it is shown once.',
        code: 'npx arena token create --name laptop',
      }),
      ...recipes(arena).map((each, i) =>
        recipe(i === 0 ? { ...each, title: `2. ${each.title}` } : { ...each, title: `or ${each.title}` }),
      ),
    ),
  );
}

function recipe({ title, text, code }: Recipe): HTMLElement {
  return el(
    'article',
    { class: 'card recipe' },
    el(
      'div',
      { class: 'card-head' },
      el('h3', {}, title),
      el(
        'button',
        {
          type: 'button',
          class: 'small',
          'aria-label': `Copy: ${title}`,
          on: { click: () => void copy(code, title) },
        },
        'Copy',
      ),
    ),
    el('p', { class: 'quiet' }, text),
    el('pre', { class: 'command', tabindex: 0, 'aria-label': title }, code),
  );
}

async function copy(code: string, title: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(code);
    toast(`Copied: ${title}.`);
  } catch {
    prompt('Copy this:', code); // where pages may not write to the clipboard
  }
}
