/** How somebody's own program comes to play here: commands and code to copy, with this arena's address in them. */
import { el, toast } from '../dom.ts';

interface Recipe {
  readonly title: string;
  readonly text: string;
  readonly code: string;
}

/** @param url of the arena, without a slash at the end. */
function recipes(url: string): Recipe[] {
  return [
    {
      title: 'TypeScript',
      text: 'Plays a seat of a room, at the room’s own clock.',
      code: `// As bot.ts in the folder of the project: npx node bot.ts
import { connectPlayer } from './agents/client/index.ts';

const player = await connectPlayer({
  url: '${url}',
  token: 'TOKEN',
  room: 'ROOM',
});
for await (const view of player) player.act(2); // forward`,
    },
    {
      title: 'Python',
      text: 'Trains in a private environment, as fast as both sides go: a PettingZoo environment.',
      code: `# pip install 'agents/python[zoo]'
import commons_arena

url = "${url}"
env = commons_arena.parallel_env(url, "TOKEN", "harvest")
observations, infos = env.reset(seed=1)
while env.agents:
    actions = {name: env.action_space(name).sample() for name in env.agents}
    observations, rewards, ended, cut, infos = env.step(actions)`,
    },
    {
      title: 'Browser console',
      text: 'Plays from the console of this very page.',
      code: `const url = '${url}';
const { connectPlayer } = await import(url + '/agent-client.js');
const player = await connectPlayer({ url, token: 'TOKEN', room: 'ROOM' });
for await (const view of player) player.act(Math.floor(8 * Math.random()));`,
    },
    {
      title: 'Command line',
      text: 'Lets a policy that you have trained play against whoever is in the room.',
      code: `npx arena play --policy runs/mine --token TOKEN \\
  --arena ${url} --room ROOM`,
    },
  ];
}

/** @param arena address of the arena, with a slash at the end. */
export function connectSection(arena: string): HTMLElement {
  const token: Recipe = {
    title: 'A token',
    text: 'First of all: whoever runs this arena makes one, and it is shown once. It stands for TOKEN below; ROOM is what comes after #/room/ in the address of a room.',
    code: 'npx arena token create --name laptop',
  };
  const all = [token, ...recipes(arena.replace(/\/$/, ''))];
  return el(
    'section',
    { class: 'connect', 'aria-labelledby': 'connect-title' },
    el('h2', { class: 'group-title', id: 'connect-title' }, 'Connect your own'),
    el('div', { class: 'recipes' }, ...all.map(recipe)),
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
