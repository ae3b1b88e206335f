import { SparqlEndpointFetcher } from 'fetch-sparql-endpoint';
import { askAll, statement, written } from './ask.mjs';

async function all(stream, write) {
  const found = [];
  for await (const item of stream) found.push(write(item));
  return found;
}

const row = (bindings) =>
  Object.fromEntries(Object.entries(bindings).map(([name, term]) => [name, written(term)]));

await askAll(async ({ kind, query, endpoint, options }) => {
  const fetcher = new SparqlEndpointFetcher(options);
  if (kind === 'boolean') return fetcher.fetchAsk(endpoint, query);
  if (kind === 'quads') return all(await fetcher.fetchTriples(endpoint, query), statement);
  if (kind === 'update') return fetcher.fetchUpdate(endpoint, query);
  return all(await fetcher.fetchBindings(endpoint, query), row);
});
