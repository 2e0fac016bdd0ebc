// What mdBook does not do by itself: a search in the language of the page, links to source files that lead somewhere from
// the built book, and the heading of a column at each cell, for phones.

'use strict';

(() => {
  const language = location.pathname.includes('/ko/') ? 'ko' : 'en';
  document.documentElement.lang = language;

  // mdBook loads the index when the search is opened. It has pages of both languages, and no word in Hangul.
  const isRead = ({ ref }) => window.search.doc_urls[ref].startsWith(`${language}/`);

  function searchText(docs, query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const count = (text, word) => text.toLowerCase().split(word).length - 1;
    const score = (doc) => {
      const counts = words.map((word) => 10 * count(doc.title, word) + count(doc.body, word));
      return counts.includes(0) ? 0 : counts.reduce((sum, found) => sum + found, 0);
    };
    const results = Object.values(docs).map((doc) => ({ ref: doc.id, doc, score: score(doc) }));
    return results.filter((result) => result.score > 0).sort((a, b) => b.score - a.score);
  }

  if (window.elasticlunr) {
    const load = elasticlunr.Index.load;
    elasticlunr.Index.load = (config) => {
      const index = load.call(elasticlunr.Index, config);
      const search = index.search.bind(index);
      const docs = config.documentStore.docs;
      index.search = (query, options) =>
        (language === 'ko' ? searchText(docs, query) : search(query, options)).filter(isRead);
      return index;
    };
  }

  // To the code host, where book.toml names one (git-repository-url); else to the copy that mdBook makes of `source`.
  const host = document.querySelector('a[title="Git repository"]')?.href.replace(/\/$/, '');
  const sources = host ? `${host}/blob/HEAD/` : `${path_to_root}source/`;
  for (const link of document.querySelectorAll('main a[href^="../../"]')) {
    link.href = sources + link.getAttribute('href').slice('../../'.length);
  }

  for (const table of document.querySelectorAll('main table')) {
    const headings = [...table.querySelectorAll('th')].map((cell) => cell.textContent);
    for (const row of table.querySelectorAll('tbody tr')) {
      [...row.cells].forEach((cell, column) => (cell.dataset.heading = headings[column]));
    }
  }
})();
