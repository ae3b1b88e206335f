// An engine remembers how it found a source, so there is one for each way, which the cases of that way share.
import { QueryEngine } from '@comunica/query-sparql';
import { askAll, statement, written } from './ask.mjs';

const engines = { named: new QueryEngine(), found: new QueryEngine() };

await askAll(async ({ kind, query, sources, how }) => {
  const engine = engines[how];
  if (kind === 'boolean') return engine.queryBoolean(query, { sources });
  if (kind === 'quads') return (await (await engine.queryQuads(query, { sources })).toArray()).map(statement);
  const rows = await (await engine.queryBindings(query, { sources })).toArray();
  return rows.map((row) => Object.fromEntries([...row].map(([variable, term]) => [variable.value, written(term)])));
});
