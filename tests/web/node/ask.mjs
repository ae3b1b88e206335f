// Reads cases as JSON from the standard input, has them answered one after another, and prints what came of each.

export async function askAll(answer) {
  const pieces = [];
  for await (const piece of process.stdin) pieces.push(piece);
  const said = {};
  for (const { name, ...asked } of JSON.parse(Buffer.concat(pieces))) {
    try {
      said[name] = await answer(asked);
    } catch (error) {
      said[name] = { error: String(error.message) };
    }
  }
  console.log(JSON.stringify(said));
}

// A term as N-Triples writes it, but for its rarer escapes.
export function written(term) {
  if (term.termType === 'NamedNode') return `<${term.value}>`;
  if (term.termType === 'BlankNode') return `_:${term.value}`;
  const text = JSON.stringify(term.value);
  if (term.language) return `${text}@${term.language}`;
  const datatype = term.datatype.value;
  return datatype === 'http://www.w3.org/2001/XMLSchema#string' ? text : `${text}^^<${datatype}>`;
}

export const statement = (quad) => [quad.subject, quad.predicate, quad.object].map(written).join(' ');
