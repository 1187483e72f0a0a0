// A bot in the page: paste it into the browser's console (F12) in a room, with a token of `arena token create --scopes play`.
const token = 'TOKEN';
// The arena serves its client itself.
const { ClassId, connectPlayer } = await import(new URL('agent-client.js', location.href).href);
const bot = await connectPlayer({ token, room: location.href, name: 'Console' });
const { actions, observation, options } = bot.game;
const columns = observation.shape[1];
// A window, turned as the bot looks: its own cell, and those ahead and beside it.
const here = options.windowAhead * columns + options.windowLeft;
const around = { forward: here - columns, backward: here + columns, left: here - 1, right: here + 1 };

void (async () => {
  for await (const { seats, ended, episode } of bot) {
    const [{ observation: seen, total }] = seats;
    const beside = Object.keys(around).find((way) => seen[around[way]] === ClassId.apple);
    const anyway = ['forward', 'left', 'right', 'turn clockwise'][Math.floor(4 * Math.random())];
    if (ended) console.log(`episode ${episode}: ${total}`);
    else bot.act(actions.indexOf(beside ?? anyway));
  }
})();
