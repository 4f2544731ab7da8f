import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Reads `+ PID` and `- PID`. Once nobody can write to it any more, it kills what was added and not taken away. */
const program = `
living=' '
while read -r deed pid; do
  case $deed in
    +) living="$living$pid " ;;
    -) living="\${living%% $pid *} \${living#* $pid }" ;;
  esac
done
kill -s KILL $living 2>/dev/null`;

let watcher: ChildProcess | undefined;

/**
 * A process that outlives this one by a moment, for the children of one that is killed: they would go on asking, since they have their
 * questions already and write into a file. In a session of its own, so that no signal to us all ends it first.
 */
function watch(): ChildProcess {
  const started = spawn('/bin/sh', ['-c', program], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const forget = () => {
    if (watcher === started) watcher = undefined;
  };
  started.on('error', forget).on('exit', forget).unref();
  const stdin = started.stdin as Socket | null;
  // Nothing here may keep this process from ending.
  stdin?.on('error', forget).unref();
  return started;
}

/** Has a child killed should this process end before it, however it ends; to be called again as soon as the child has ended. */
export function tie(pid: number): () => void {
  watcher ??= watch();
  const { stdin } = watcher;
  stdin?.write(`+ ${pid}\n`);
  return () => void stdin?.write(`- ${pid}\n`);
}
