/**
 * Adds to package-lock.json the optional packages of other platforms that npm left out, because the registry it asked
 * does not hold them: `npm ci` refuses a lock file without them, on every platform. Run by `npm run lockfile`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const systems = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'aix', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const added = [];
for (const [parentPath, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (isLocked(parentPath, name)) continue;
    lock.packages[`node_modules/${name}`] = platformPackage(name, version, parent);
    added.push(name);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added.length} packages of other platforms added to package-lock.json`);

function isLocked(parentPath, name) {
  return `${parentPath}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages;
}

/** The names of such packages say what they are for: @rollup/rollup-linux-arm64-musl. */
function platformPackage(name, version, parent) {
  const words = name.split(/[/-]/);
  const os = systems.find((each) => words.includes(each));
  const cpu = processors.find((each) => words.includes(each));
  if (os === undefined || !/^\d/.test(version)) throw new Error(`${name} ${version} is not a package of a platform`);
  const libc = os !== 'linux' ? undefined : words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc';
  return {
    version,
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(parent.dev ? { dev: true } : {}),
    ...(libc === undefined ? {} : { libc: [libc] }),
    optional: true,
    os: [os],
    ...(parent.peer ? { peer: true } : {}),
  };
}
