/** The command-line program: composes the subcommands, each loaded when it is called. */
import { Command, CommanderError } from 'commander';
import { PolicyError } from '../agents/policies/card.ts';
import { ConnectionError, LearningError, TrainingUsageError, WriteError } from '../agents/training/errors.ts';
import packageJson from '../package.json' with { type: 'json' };
import { OptionsError } from '../shared/definition.ts';
import { UsageError } from './config.ts';

/**
 * Exit codes: 0 done, 1 the answer is no (`compare`: a difference; `train`: learning diverged), 2 what was asked makes no
 * sense, 70 a fault of ours, 74 a file that could not be written, 130 stopped by Ctrl-C.
 */
const EXIT_NO = 1;
const EXIT_USAGE = 2;
const EXIT_WRITE = 74;
const EXIT_FAULT = 70;

const program = new Command('arena')
  .description('Commons Arena: host, watch, play and measure sequential social dilemmas.')
  .version(packageJson.version)
  .exitOverride()
  .showHelpAfterError('(add --help for what there is)');

program
  .command('serve', { isDefault: false })
  .description('host the arena; prints one line with its address once it can be used')
  .option('--port <number>', 'port, 0 for a free one (default 2567, or ARENA_PORT)')
  .option(
    '--host <address>',
    'address to listen on (default 127.0.0.1, or ARENA_HOST; 0.0.0.0 for everybody)',
  )
  .option('--no-demo', 'start without the demo rooms')
  .option('--max-rooms <number>', 'rooms there may be at a time (default 500, or ARENA_MAX_ROOMS)')
  .option(
    '--max-clients <number>',
    'clients in a room, spectators included (default 2000, or ARENA_MAX_CLIENTS)',
  )
  .option('--data <folder>', 'where tokens, recordings and policies are kept (default data, or ARENA_DATA)')
  .option(
    '--policies <folder>',
    'trained policies to play against, beside the zoo (default policies in the data folder, or ARENA_POLICIES)',
  )
  .option(
    '--policy-workers <number>',
    'threads that run trained policies (default 1, or ARENA_POLICY_WORKERS)',
  )
  .option('--agent-connections <number>', 'connections of agents (default 1000)')
  .option('--token-connections <number>', 'connections of one token (default 64)')
  .option('--token-rooms <number>', 'rooms that agents of one token may have made at a time (default 32)')
  .option('--agent-environments <number>', "private environments of a trainer's connection (default 1024)")
  .option('--token-environments <number>', 'private environments of one token (default 4096)')
  .option('--agent-memory <MiB>', "memory that a connection's environments take (default 256)")
  .option('--token-memory <MiB>', "memory that a token's environments take (default 1024)")
  .option(
    '--agent-messages <number>',
    'events a second of an agent, steps and actions not counted (default 200)',
  )
  .option('--agent-opens <number>', 'batches of environments that a connection opens a second (default 10)')
  .option('--agent-bytes <megabytes>', 'megabytes a second that are read from an agent (default 16)')
  .option('--agent-stall <seconds>', 'how long an agent may leave unread what it is sent (default 20)')
  .action(async (flags) => (await import('./commands/serve.ts')).serve(flags));

const token = program
  .command('token')
  .description('tokens by which agents connect; the arena need not be restarted');
const inFolder = (command: Command) =>
  command
    .option('--data <folder>', 'the data folder that the arena uses (default data, or ARENA_DATA)')
    .option('--json', 'one JSON object a token');
inFolder(token.command('create').description('make a token and print it; it cannot be shown again'))
  .option('--name <text>', 'what it is for')
  .option('--scopes <names>', 'some of train,play,watch (default: all)')
  .action(async (flags) => (await import('./commands/token.ts')).createToken(flags));
inFolder(token.command('list').description('list tokens, without their secrets')).action(async (flags) =>
  (await import('./commands/token.ts')).listTokens(flags),
);
inFolder(
  token
    .command('revoke')
    .description('end a token; its connections end within seconds')
    .argument('<id>', 'which one: `arena token list` has the ids'),
).action(async (id, flags) => (await import('./commands/token.ts')).revokeToken(id, flags));

program
  .command('environments')
  .description('list the environments, or describe one with its presets and options')
  .argument('[name]', 'which one to describe')
  .option('--json', 'one JSON document')
  .action(async (name, flags) => (await import('./commands/environments.ts')).environments(name, flags));

/** What both names of evaluating take. */
const games = (command: Command) =>
  command
    .option('--env <name>', 'environment (default: what the first trained policy learned on, else harvest)')
    .option('--preset <name>', 'preset of the environment (default: what it learned on, else default)')
    .option('--players <number>', 'players (default: as it learned, else 5)')
    .option('--episodes <number>', 'episodes (default 10; 5 for each of the zoo)')
    .option('--seed <number>', 'seed that all episodes follow from (default 1)')
    .option('--set <option=value...>', 'environment options that differ; values are JSON')
    .option('--greedy', 'trained policies take their most likely action instead of drawing it')
    .option(
      '--sight <what>',
      "what trained policies see: own, blank or swapped (another game's) windows; all for the three beside one another",
    )
    .option(
      '--measures <names>',
      'what to measure between players, separated by commas: coordination, communication, influence, moa (default none)',
    )
    .option('--json', 'one JSON object an episode, then one with the summary');

games(
  program
    .command('evaluate')
    .description(
      'play episodes without a network and print what policies score, with 95% bootstrap intervals; alone: the zoo',
    )
    .option(
      '--policy <names>',
      'scripted policies, zoo/<name>, runs, folders of policies or checkpoints, one for each player separated by commas; a shorter list is repeated',
    ),
).action(async (flags) => (await import('./commands/evaluate.ts')).evaluate(flags));

games(
  program
    .command('simulate')
    .description('evaluate, of greedy players where none are named')
    .option('--policy <names>', 'as for evaluate', 'greedy'),
).action(async (flags) => (await import('./commands/evaluate.ts')).evaluate(flags));

program
  .command('play')
  .description(
    'let a policy play in a room, of this arena or of another, as one who connects over the network',
  )
  .option('--policy <name>', 'a scripted policy, zoo/<name>, a run, a folder of a policy or a checkpoint')
  .option('--room <room>', "the address of the room's page, or its id with --arena")
  .option('--arena <url>', 'the arena of a room that is given by its id')
  .option('--token <token>', 'token of the arena (default ARENA_TOKEN); see arena token')
  .option('--seats <number>', 'seats to take (default 1)')
  .option('--greedy', 'take the most likely action instead of drawing it')
  .option('--name <text>', "how the room shows it (default: the policy's name)")
  .action(async (flags) => (await import('./commands/play.ts')).play(flags));

program
  .command('compare')
  .description(
    'replay a recorded trajectory file; exits 0 if all steps agree, 1 at the first difference, 2 for a file that is none',
  )
  .argument('<file>', 'trajectory file, see docs/trajectories.md')
  .option('--json', 'one JSON object')
  .action(async (file, flags) => (await import('./commands/compare.ts')).compare(file, flags));

program
  .command('train')
  .description(
    'train agents; writes a run: curves, checkpoints, the policy. Steps are player steps everywhere',
  )
  .option('--env <name>', 'environment (default harvest)')
  .option('--algo <name>', 'algorithm (default ppo)')
  .option('--steps <number>', 'player steps, for example 200000 or 2e7 (default 1e7)')
  .option('--seed <number>', 'seed (default 1)')
  .option(
    '--seeds <first..last>',
    'one run after the other for each seed (or for one: 3), in folders below --out',
  )
  .option('--out <folder>', 'folder of the run (default runs/<env>-<algo>-<seed>)')
  .option('--config <file>', 'configuration in YAML, see docs/training.md')
  .option('--preset <name>', 'a configuration that is shipped; see agents/presets')
  .option('--set <path=value...>', 'settings that win over the file, for example algo.learningRate=1e-3')
  .option(
    '--data <paths...>',
    'recordings that bc and dagger learn from: files, or folders of them; the environment is theirs',
  )
  .option('--expert <name>', 'dagger: who answers, person (default, at --arena) or a scripted policy')
  .option('--workers <number>', 'worker threads (default: one a core, at most one a shard)')
  .option('--backend <name>', 'onnx, tfjs-node, wasm or cpu (default onnx, or ARENA_BACKEND)')
  .option('--resume', 'go on with the run in --out from its last checkpoint')
  .option(
    '--arena <url>',
    'an arena whose environments to learn in, over the network (default: none, its own)',
  )
  .option('--token <token>', 'token of the arena (default ARENA_TOKEN); see arena token')
  .option('--patience <seconds>', 'how long an arena that is gone is tried again (default 60)')
  .option('--room <id or url>', 'a room of the arena to learn in, at its clock, beside whoever else is there')
  .option('--seats <number>', 'how many seats of the room to take (default 1)')
  .option('--key <key>', 'key of a room whose seats go by link')
  .action(async (flags) => (await import('./commands/train.ts')).train(flags));

program
  .command('experiment')
  .description(
    'train the arms of an experiment side by side and write its report; the same command goes on where it stopped. Alone: the experiments',
  )
  .argument('[name]', 'which one')
  .option('--env <name>', 'environment (default harvest)')
  .option(
    '--seeds <first..last>',
    'seeds, a run of each arm for each; one number is that seed (default 0..4)',
  )
  .option('--steps <number>', "player steps of a run, for example 100000 or 5e6 (default: the experiment's)")
  .option('--out <folder>', 'folder of the experiment (default experiments/<name>-<env>)')
  .option('--arms <names>', 'arms to train, separated by commas (default: all)')
  .option('--set <path=value...>', 'settings of all arms, arm:path=value for those of one')
  .option('--jobs <number>', 'runs at a time, each a process (default: one a core)')
  .option('--workers <number>', 'worker threads of each run (default 1)')
  .option('--backend <name>', 'onnx, tfjs-node, wasm or cpu (default onnx, or ARENA_BACKEND)')
  .option('--report-only', 'write the report of what is there, and train nothing')
  .option('--json', 'one JSON object with what came out')
  .action(async (name, flags) => (await import('./commands/experiment.ts')).experiment(name, flags));

program
  .command('export')
  .description(
    "write a run's policy as ONNX with a model card; weights as safetensors or for TensorFlow.js on demand",
  )
  .argument('<run>', "a run's folder, for its last checkpoint, or a checkpoint in one")
  .option('--format <name>', 'what beside ONNX: onnx (nothing), safetensors or tfjs (default onnx)')
  .option('--out <folder>', 'where to')
  .option('--zoo <name>', 'into the zoo, with scores from an evaluation')
  .option('--name <text>', 'what the policy is called (default: as the run or the zoo entry)')
  .option('--episodes <number>', 'episodes of an evaluation for the card (default 32 with --zoo, else none)')
  .option('--seed <number>', 'seed of that evaluation (default 1)')
  .action(async (run, flags) => (await import('./commands/export.ts')).exportPolicy(run, flags));

program
  .command('plot')
  .description(
    'draw the learning curves of training runs; runs that differ only by their seed become one line',
  )
  .argument(
    '<run...>',
    'folders of runs, or folders that have those in them; label=folder,folder names a line of the figure',
  )
  .option('--metric <name...>', 'what to draw, a panel each', ['episode/collectiveReturn'])
  .option('--out <file>', 'file to write: .svg, .png, or .html with tables beside the figure', 'curves.html')
  .option('--group-by <setting...>', 'settings that tell lines apart (default: all but the seed)')
  .option('--line <label=value...>', 'reference lines, metric:label=value for another than the first panel')
  .option(
    '--range <low..high...>',
    'limits of a vertical axis, metric:low..high for another than the first panel',
  )
  .option('--smooth <player steps>', 'average each run over a window of that many (default: none)')
  .option('--title <text>', 'title of the figure')
  .option('--json', 'one JSON object with the final values')
  .action(async (runs, flags) => (await import('./commands/plot.ts')).plot(runs, flags));

try {
  await program.parseAsync();
} catch (error) {
  // What was started before it failed must not keep the process.
  process.exit(report(error));
}

function report(error: unknown): number {
  // Commander has said it already, and has its own code for help and version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  const usage = [UsageError, OptionsError, TrainingUsageError, PolicyError].some(
    (kind) => error instanceof kind,
  );
  if (usage && error instanceof Error) {
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT_USAGE;
  }
  if (error instanceof WriteError || error instanceof LearningError || error instanceof ConnectionError) {
    process.stderr.write(`error: ${error.message}\n`);
    return error instanceof WriteError ? EXIT_WRITE : EXIT_NO;
  }
  process.stderr.write(`fault: ${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT_FAULT;
}
