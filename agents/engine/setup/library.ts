/** TensorFlow's C++ library, out of the wheel that PyPI has of it, in a folder that all checkouts of a user share. */
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { complaint, requireSpace, run, SetupError, type Variables } from './commands.ts';

export const TENSORFLOW = '2.21.0';
/** One wheel whichever Python is here: the library in it knows nothing of Python. */
const WHEEL = {
  file: `tensorflow_cpu-${TENSORFLOW}-cp311-cp311-manylinux_2_27_x86_64.whl`,
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  tags: ['--platform=manylinux_2_27_x86_64', '--python-version=3.11', '--implementation=cp', '--abi=cp311'],
};
/** What is kept of the wheel's folder `tensorflow`: the libraries and the headers of the C interface. */
const KEPT = [
  'libtensorflow_cc.so.2',
  'libtensorflow_framework.so.2',
  'include/LICENSE',
  'include/tensorflow/c/',
  'include/tensorflow/core/platform/',
  'include/tsl/platform/',
  'include/xla/tsl/',
];
/** The wheel is 274 MB and what is kept of it 855 MB. */
const SPACE = 1.3e9;

/** Of Python's standard library, so that no unzip needs to be there. Arguments: the wheel, a folder, what to keep. */
const UNPACK = `
import sys, zipfile
wheel, folder, *kept = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith(tuple('tensorflow/' + prefix for prefix in kept)):
            archive.extract(name, folder)
`;

/** Where the library is or will be: below $XDG_CACHE_HOME or ~/.cache. */
export function libraryFolder(variables: Variables = process.env): string {
  return join(
    variables.XDG_CACHE_HOME || join(homedir(), '.cache'),
    'commons-arena',
    `tensorflow-${TENSORFLOW}`,
  );
}

/** Whether the library is in its folder. It was renamed to it when it was complete, so a part of it never is. */
export const hasLibrary = (folder: string): boolean => existsSync(folder);

/** Fetches the wheel and puts what is kept of it in `folder`. */
export function fetchLibrary(folder: string, python: string): void {
  requireSpace(dirname(folder), SPACE);
  const staging = mkdtempSync(`${folder}.`);
  try {
    const wheel = download(staging, python);
    const unpacked = run(python, ['-c', UNPACK, wheel, staging, ...KEPT]);
    if (!unpacked.ok)
      throw new SetupError(`unpacking ${basename(wheel)} failed:\n${complaint(unpacked)}`, 'try again');
    publish(join(staging, 'tensorflow'), folder);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Gives the wheel's path. */
function download(staging: string, python: string): string {
  const requirements = join(staging, 'requirements.txt');
  writeFileSync(requirements, `tensorflow-cpu==${TENSORFLOW} --hash=sha256:${WHEEL.sha256}\n`);
  const pip = [
    ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--require-hashes', ...WHEEL.tags],
    // pip's own cache would keep the 274 MB a second time.
    ...['--no-cache-dir', '--disable-pip-version-check', '--retries=2'],
    ...['--dest', staging, '--requirement', requirements],
  ];
  const outcome = run(python, pip, { variables: { ...process.env, TMPDIR: staging }, show: true });
  if (!outcome.ok) {
    throw new SetupError(
      `pip could not fetch tensorflow-cpu ${TENSORFLOW}:\n${complaint(outcome)}`,
      'PyPI must be within reach: a proxy goes in HTTPS_PROXY, a mirror in PIP_INDEX_URL; pip must be 20.3 or later',
    );
  }
  return join(staging, WHEEL.file);
}

/** Another setup may have been quicker: then its library is as good. */
function publish(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
