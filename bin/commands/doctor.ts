import { parseEnv } from '#config/env';
import { builtInPlugins } from '#config/plugins';
import { redacted } from '../../core/log/redact.ts';
import { loadExternal } from '../../core/plugin/load.ts';
import { examine, type Finding } from '../checks.ts';
import { type Command, columns } from '../command.ts';
import { environmentReport, unreadVariables } from '../environment.ts';
import { cliLog, print } from '../session.ts';

const marks = { ok: 'ok   ', note: 'note ', wrong: 'WRONG' };

function show({ state, what, say }: Finding): void {
  print(`  ${marks[state]}  ${what.padEnd(18)}  ${redacted(say)}`);
}

export const doctor: Command = {
  name: 'doctor',
  summary: 'Say what is wrong with this installation and how to mend it',
  details: `Lists every environment variable, then looks at data directory, database, migrations and plugins. Changes nothing.
Exit code 1 where something is wrong.`,
  async run() {
    const further = (process.env.PLUGINS ?? '').split(',').flatMap((name) => name.trim() || []);
    const { external } = await loadExternal(further);
    const plugins = [...builtInPlugins, ...external.filter(({ name }) => typeof name === 'string')];
    const report = environmentReport(process.env, plugins);
    print(
      'Environment',
      columns(
        report.map(({ name, value, default: otherwise, meaning }) => [
          `  ${name}`,
          value ?? (otherwise === '' ? '-' : `${otherwise} (default)`),
          value !== undefined && otherwise !== '' ? `${meaning} (default ${otherwise})` : meaning,
        ]),
      ),
      '',
      'Findings',
    );
    const findings: Finding[] = report.flatMap(({ name, wrong, meaning }) =>
      wrong ? [{ state: 'wrong' as const, what: name, say: `${wrong} (${meaning}).` }] : [],
    );
    for (const [name, meant] of unreadVariables(process.env, plugins)) {
      const hint = meant ? `; did you mean ${meant}?` : '.';
      findings.push({ state: 'note', what: name, say: `Nobody reads it${hint}` });
    }
    for (const finding of findings) show(finding);
    if (!findings.some(({ state }) => state === 'wrong')) {
      try {
        for await (const finding of examine(parseEnv(process.env), plugins, cliLog('silent'))) {
          show(finding);
          findings.push(finding);
        }
      } catch (fault) {
        findings.push({ state: 'wrong', what: 'environment', say: (fault as Error).message });
        show(findings.at(-1) as Finding);
      }
    }
    const wrong = findings.filter(({ state }) => state === 'wrong').length;
    print(
      '',
      wrong === 0 ? 'Nothing is wrong.' : `${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong.`,
    );
    return wrong === 0 ? 0 : 1;
  },
};
