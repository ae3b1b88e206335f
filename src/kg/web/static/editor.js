// Turns the plain form on the SPARQL page into an editor. Everything it asks for comes from this server: the query goes
// to the endpoint, and completions come from one file about this very graph.
"use strict";

(async () => {
  const place = document.getElementById("editor");
  const form = document.getElementById("plain");
  const field = document.getElementById("query");
  if (!place || !form || !field || typeof Yasgui === "undefined") return;

  const { endpoint, completions, pages, base, root, answered } = place.dataset;
  let known = { prefixes: {}, classes: [], properties: [], questions: [] };
  try {
    known = await (await fetch(completions)).json();
  } catch {
    // Without completions the editor still edits.
  }

  const Yasqe = Yasgui.Yasqe;
  const prefixOf = Object.entries(known.prefixes).sort((a, b) => b[1].length - a[1].length);
  const shorten = (iri) => {
    const found = prefixOf.find(([, namespace]) => iri.startsWith(namespace));
    const rest = found && iri.slice(found[1].length);
    return found && /^[\w-]+$/.test(rest) ? `${found[0]}:${rest}` : `<${iri}>`;
  };

  // Terms are completed from what the graph holds: by what is typed of the short form, of the IRI or of the name.
  const offered = (terms) => (yasqe, token) => {
    const typed = (token?.string ?? "").trim().replace(/^</, "").toLowerCase();
    const local = typed.slice(typed.indexOf(":") + 1);
    const fits = ({ iri, name }) => {
      const short = shorten(iri).toLowerCase();
      if (typed.includes(":")) return short.startsWith(typed) || iri.toLowerCase().startsWith(typed);
      return short.includes(local) || name.toLowerCase().includes(local);
    };
    return terms.filter(fits).map((term) => term.iri).slice(0, 100);
  };
  const completers = {
    class: { get: offered(known.classes), postProcessSuggestion: (yasqe, token, iri) => shorten(iri) },
    property: { get: offered(known.properties), postProcessSuggestion: (yasqe, token, iri) => shorten(iri) },
    prefixes: { get: Object.entries(known.prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`).sort() },
  };
  for (const [name, own] of Object.entries(completers)) {
    Yasqe.forkAutocompleter(name, { persistenceId: null, ...own, name });
  }

  const address = (iri) => {
    if (!iri.startsWith(base)) return iri;
    const rest = iri.slice(base.length);
    return root + (rest.startsWith("id/") ? `doc/${rest.slice(3)}` : rest);
  };

  place.hidden = false;
  form.hidden = true;
  const yasgui = new Yasgui(place, {
    requestConfig: { endpoint: new URL(endpoint, location.href).href, method: "POST" },
    copyEndpointOnNewTab: true,
    persistenceId: null,
    populateFromUrl: false,
    autofocus: false,
    endpointCatalogueOptions: { getData: () => [], renderItem: () => undefined },
    yasqe: { createShareableLink: (yasqe) => `${location.origin}${endpoint}?query=${encodeURIComponent(yasqe.getValue())}` },
    yasr: { prefixes: known.prefixes },
  });
  const tab = yasgui.getTab() || yasgui.addTab(true);
  tab.setQuery(field.value);

  // Links in answers lead to the pages of this server, whatever host the identifiers name.
  place.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && link.href.startsWith(base)) {
      event.preventDefault();
      location.assign(address(link.getAttribute("href")));
    }
  });

  // A problem is told better by the page; an answer is shown by the editor, which can sort and filter it.
  const answer = document.getElementById("answer");
  if (answered === "yes" && !answer?.querySelector(".trouble")) {
    answer?.remove();
    tab.query().catch(() => {});
  }
})();
