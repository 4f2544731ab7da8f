import type { Host } from '../../core/plugin/host.ts';
import type { PluginStatus } from '../../core/plugin/registry.ts';
import { type Command, columns } from '../command.ts';
import { print, withRegister } from '../session.ts';

/** The plugins with their health as it is now: the answer of GET /plugins. */
export async function pluginStates({ registry }: Host): Promise<PluginStatus[]> {
  const route = registry.routes.find(({ method, path }) => method === 'get' && path === '/plugins');
  const answer = (await route?.handler({} as never)) as { items: PluginStatus[] };
  return answer.items;
}

export const pluginList: Command = {
  name: 'plugin list',
  summary: 'List the plugins and whether they run',
  run: () =>
    withRegister(async ({ host }) => {
      const states = await pluginStates(host);
      print(
        columns([
          ['NAME', 'VERSION', 'STATE', 'FROM', ''],
          ...states.map(({ name, version, state, builtIn, why, summary }) => [
            name,
            version,
            state,
            builtIn ? 'built in' : 'PLUGINS',
            why ?? summary,
          ]),
        ]),
      );
      return 0;
    }),
};
