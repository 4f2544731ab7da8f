import { execFileSync } from 'node:child_process';

const link = '198.18.255';
/** The block behind the router; RFC 2544 keeps it for measurements. */
const block = '198.19.0.0/16';
const near = 'bench-near';
const far = 'bench-far';

/**
 * Puts 198.19.0.0/16 behind a router in a namespace of its own: these blocks of it answer, and what is sent to others is lost; answers
 * what takes it away again. Throws where that is not allowed.
 */
export function putUpSilentNetwork(answering: readonly string[]): () => void {
  const takeAway = () => {
    attempt(['link', 'del', near]);
    attempt(['netns', 'del', far]);
    attempt(['route', 'del', 'unreachable', block, 'metric', '9999']);
  };
  try {
    ip('netns', 'add', far);
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', far);
    ip('addr', 'add', `${link}.1/30`, 'dev', near);
    ip('link', 'set', near, 'up');
    ip('-n', far, 'addr', 'add', `${link}.2/30`, 'dev', far);
    ip('-n', far, 'link', 'set', far, 'up');
    ip('-n', far, 'link', 'set', 'lo', 'up');
    for (const each of answering) ip('-n', far, 'route', 'add', 'local', each, 'dev', 'lo');
    // Nothing leaves for anywhere else, not even when the link is gone.
    ip('route', 'add', 'unreachable', block, 'metric', '9999');
    ip('route', 'add', block, 'via', `${link}.2`, 'dev', near);
  } catch (error) {
    takeAway();
    throw error;
  }
  return takeAway;
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function attempt(args: readonly string[]): void {
  try {
    ip(...args);
  } catch {
    // What was never set up need not be taken away.
  }
}
